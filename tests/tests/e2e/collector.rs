//! A collector of traces that is an Auth Service, too: it keeps what it is told.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::{App as Web, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Plain;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::{Value, json};

use crate::harness::App;

const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(20);

/// What was told.
#[derive(Default)]
struct Told {
    spans: Vec<Span>,
    resources: Vec<KeyValue>,
    /// `traceparent` and `tracestate` of the questions about tokens.
    asked_with: Vec<(Option<String>, Option<String>)>,
}

type Shared = web::Data<Mutex<Told>>;

/// A running collector.
pub(crate) struct Collector {
    told: Shared,
    handle: ServerHandle,
    pub(crate) url: String,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let told: Shared = web::Data::new(Mutex::default());
        let shared = told.clone();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = HttpServer::new(move || {
            Web::new()
                .app_data(shared.clone())
                .app_data(web::PayloadConfig::new(64 << 20))
                .route("/v1/traces", web::post().to(traces))
                .route("/api/v1/auth/validate", web::post().to(validate))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { told, handle, url }
    }

    /// Lets the service ask here about tokens.
    pub(crate) fn judge(&self, app: &mut App) {
        app.set("AUTH_MODE", "remote");
        app.set("AUTH_SERVICE_URL", &self.url);
    }

    /// Lets the service send its traces here.
    pub(crate) fn collect(&self, app: &mut App) {
        app.set("OTEL_EXPORTER_OTLP_ENDPOINT", &self.url);
        app.set("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=e2e%2C1");
        // Of the SDK: not to wait for five seconds.
        app.set("OTEL_BSP_SCHEDULE_DELAY", "50");
    }

    /// The spans of a trace, once there are some of these names.
    pub(crate) async fn spans(&self, trace: &str, names: &[&str]) -> Vec<Span> {
        let end = Instant::now() + PATIENCE;
        loop {
            let spans = self.known(trace);
            let there: Vec<_> = spans.iter().map(|span| &*span.name).collect();
            if names.iter().all(|name| there.contains(name)) {
                return spans;
            }
            assert!(Instant::now() < end, "not all of {names:?}: {there:?}");
            tokio::time::sleep(TICK).await;
        }
    }

    /// The spans of a trace so far.
    pub(crate) fn known(&self, trace: &str) -> Vec<Span> {
        let told = self.told.lock().unwrap();
        let spans = told.spans.iter();
        let spans = spans.filter(|span| hex(&span.trace_id) == trace);
        spans.cloned().collect()
    }

    /// All spans so far.
    pub(crate) fn all(&self) -> Vec<Span> {
        self.told.lock().unwrap().spans.clone()
    }

    /// What was said of the process.
    pub(crate) fn resource(&self, name: &str) -> Option<String> {
        attribute(&self.told.lock().unwrap().resources, name)
    }

    /// With which `traceparent` and `tracestate` it was last asked about a token.
    pub(crate) fn asked_with(&self) -> (Option<String>, Option<String>) {
        let told = self.told.lock().unwrap();
        told.asked_with.last().cloned().unwrap_or_default()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn traces(body: web::Bytes, told: Shared) -> HttpResponse {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else {
        return HttpResponse::BadRequest().finish();
    };
    let mut told = told.lock().unwrap();
    for of_resource in request.resource_spans {
        if let Some(resource) = of_resource.resource {
            told.resources = resource.attributes;
        }
        for of_scope in of_resource.scope_spans {
            told.spans.extend(of_scope.spans);
        }
    }
    HttpResponse::Ok()
        .content_type("application/x-protobuf")
        .finish()
}

/// Vouches for every token.
async fn validate(request: HttpRequest, body: web::Json<Value>, told: Shared) -> HttpResponse {
    let header = |name: &str| Some(request.headers().get(name)?.to_str().unwrap().to_owned());
    let headers = (header("traceparent"), header("tracestate"));
    told.lock().unwrap().asked_with.push(headers);
    let claims = body["token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    HttpResponse::Ok().json(json!({ "valid": true, "claims": claims }))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// An attribute as text.
pub(crate) fn attribute(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    match &found.value {
        Some(AnyValue {
            value: Some(Plain::StringValue(text)),
        }) => Some(text.clone()),
        Some(AnyValue {
            value: Some(Plain::IntValue(number)),
        }) => Some(number.to_string()),
        other => Some(format!("{other:?}")),
    }
}
