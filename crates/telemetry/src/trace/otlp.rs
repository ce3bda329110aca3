//! Sends traces to a collector: OTLP over HTTP, as protobuf.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::propagation::{Injector, TextMapPropagator as _};
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler as SdkSampler, SdkTracerProvider};
use reqwest::redirect::Policy;
use tokio::runtime::Handle;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::registry::LookupSpan;

use super::is_traced;

/// Which traces are sent, by the names of `OTEL_TRACES_SAMPLER`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampler {
    /// All.
    AlwaysOn,
    /// None.
    AlwaysOff,
    /// This share of them, whatever the caller decided.
    Ratio(f64),
    /// Those that the caller sends; all that begin here.
    ParentOrAll,
    /// Those that the caller sends; none that begin here.
    ParentOrNone,
    /// Those that the caller sends; this share of those that begin here.
    ParentOrRatio(f64),
}

impl From<Sampler> for SdkSampler {
    fn from(sampler: Sampler) -> Self {
        let or = |root: Self| Self::ParentBased(Box::new(root));
        match sampler {
            Sampler::AlwaysOn => Self::AlwaysOn,
            Sampler::AlwaysOff => Self::AlwaysOff,
            Sampler::Ratio(ratio) => Self::TraceIdRatioBased(ratio),
            Sampler::ParentOrAll => or(Self::AlwaysOn),
            Sampler::ParentOrNone => or(Self::AlwaysOff),
            Sampler::ParentOrRatio(ratio) => or(Self::TraceIdRatioBased(ratio)),
        }
    }
}

/// Where traces go, and what they say of this process.
#[derive(Clone, Debug)]
pub struct Collector {
    /// The base of the collector's addresses, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it: `v1/traces` is added.
    pub endpoint: String,
    /// Header fields that each request to it bears.
    pub headers: HashMap<String, String>,
    /// How long a request to it may take.
    pub timeout: Duration,
    /// What is sent.
    pub sampler: Sampler,
    /// `service.name`
    pub service: String,
    /// `service.version`
    pub version: &'static str,
    /// Further attributes of the resource.
    pub attributes: Vec<(String, String)>,
}

/// Traces cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// There is no client.
    #[error("no HTTP client could be made")]
    Client(#[source] reqwest::Error),
    /// The address or a header field cannot be used.
    #[error("the collector cannot be asked")]
    Exporter(#[source] opentelemetry_otlp::ExporterBuildError),
    /// There is no runtime that could send.
    #[error("there is no runtime")]
    Runtime,
}

/// Sends traces until it is stopped.
#[derive(Clone, Debug)]
pub struct Tracing {
    provider: SdkTracerProvider,
}

impl Tracing {
    /// Begins to send. Nothing need answer yet: what cannot be sent is dropped. MUST be called within the runtime that
    /// is to send.
    pub fn start(collector: Collector) -> Result<Self, CollectorError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(collector.timeout)?)
            .with_endpoint(format!(
                "{}/v1/traces",
                collector.endpoint.trim_end_matches('/')
            ))
            .with_headers(collector.headers)
            .with_timeout(collector.timeout)
            .build()
            .map_err(CollectorError::Exporter)?;
        let attributes = collector.attributes.into_iter();
        let resource = Resource::builder_empty()
            .with_attribute(KeyValue::new("service.version", collector.version))
            .with_attributes(attributes.map(|(name, value)| KeyValue::new(name, value)))
            .with_service_name(collector.service)
            .build();
        let provider = SdkTracerProvider::builder()
            .with_sampler(SdkSampler::from(collector.sampler))
            .with_resource(resource)
            .with_batch_exporter(exporter)
            .build();
        Ok(Self { provider })
    }

    /// Makes traces of spans. No event is part of a trace: the log has them.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("user-service"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_traced).with_max_level_hint(LevelFilter::INFO))
    }

    /// Sends what is left. Blocks, for some seconds at most; the runtime must go on meanwhile.
    pub fn stop(&self) {
        // What could not be delivered was said when it happened.
        drop(self.provider.shutdown_with_timeout(Duration::from_secs(5)));
    }
}

/// Makes a request's span part of the caller's trace.
pub(super) fn continue_trace(span: &Span, context: &super::TraceContext) {
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), context);
    // It fails where the span was entered, which it was not.
    span.set_parent(parent).ok();
}

/// Gives a span that has begun another name; as a field it would count only before.
pub(super) fn rename(span: &Span, name: String) {
    span.context().span().update_name(name);
}

/// The ids of the trace and of the span.
pub(super) fn ids_of(span: &Span) -> Option<(String, String)> {
    let context = span.context();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| {
        (
            context.trace_id().to_string(),
            context.span_id().to_string(),
        )
    })
}

/// The header fields by which another service continues the trace at this span.
pub(super) fn headers_of(span: &Span) -> Vec<(&'static str, String)> {
    struct Headers(Vec<(&'static str, String)>);
    impl Injector for Headers {
        fn set(&mut self, key: &str, value: String) {
            let name = match key {
                "traceparent" => "traceparent",
                "tracestate" if !value.is_empty() => "tracestate",
                _ => return,
            };
            self.0.push((name, value));
        }
    }
    let mut headers = Headers(Vec::new());
    TraceContextPropagator::new().inject_context(&span.context(), &mut headers);
    headers.0
}

/// Sends by the service's own runtime: the thread that gathers spans has none.
#[derive(Clone, Debug)]
struct Sender {
    http: reqwest::Client,
    runtime: Handle,
    /// Whether the last request was in vain.
    failed: Arc<AtomicBool>,
}

impl Sender {
    fn new(timeout: Duration) -> Result<Self, CollectorError> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("user-service/", env!("CARGO_PKG_VERSION")))
            .timeout(timeout)
            .redirect(Policy::none())
            .build()
            .map_err(CollectorError::Client)?;
        Ok(Self {
            http,
            runtime: Handle::try_current().map_err(|_none| CollectorError::Runtime)?,
            failed: Arc::default(),
        })
    }

    /// Says when things change, not each time. No address and nothing of an answer is repeated.
    fn learn(&self, failed: bool) {
        if self.failed.swap(failed, Ordering::Relaxed) == failed {
            return;
        }
        if failed {
            tracing::warn!("traces cannot be delivered and are dropped");
        } else {
            tracing::info!("traces are delivered again");
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sent = self.runtime.spawn(async move {
            let mut answer = http.execute(request.try_into()?).await?;
            let mut response = Response::builder().status(answer.status());
            if let Some(headers) = response.headers_mut() {
                std::mem::swap(headers, answer.headers_mut());
            }
            Ok::<_, HttpError>(response.body(answer.bytes().await?)?)
        });
        let result = sent.await.map_err(HttpError::from).and_then(|sent| sent);
        self.learn(
            !result
                .as_ref()
                .is_ok_and(|response| response.status().is_success()),
        );
        result
    }
}
