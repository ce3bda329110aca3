//! What the service counts. No label is under a client's control.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use futures_util::future::join_all;
use prometheus::{
    Encoder, Gauge, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts,
    Registry, TextEncoder,
};
use user_service_domain::health::Dependency;

/// The buckets of OpenTelemetry's semantic conventions for HTTP, in seconds.
const BUCKETS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// The metrics of this process, under OpenTelemetry's names in Prometheus' spelling.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    dependency_up: IntGaugeVec,
    feed_age: Gauge,
    activity_rows: IntCounter,
    refusals: IntCounterVec,
    uploads: IntCounterVec,
}

impl Metrics {
    /// Registers every metric.
    pub fn new() -> Result<Self, prometheus::Error> {
        let metrics = Self {
            registry: Registry::new(),
            requests: HistogramVec::new(
                HistogramOpts::new(
                    "http_server_request_duration_seconds",
                    "Duration of HTTP requests.",
                )
                .buckets(BUCKETS.to_vec()),
                &[
                    "http_request_method",
                    "http_route",
                    "http_response_status_code",
                ],
            )?,
            dependency_up: IntGaugeVec::new(
                Opts::new(
                    "user_service_dependency_up",
                    "Whether a dependency answers: 1 or 0.",
                ),
                &["dependency"],
            )?,
            feed_age: Gauge::new(
                "user_service_revocation_feed_age_seconds",
                "Seconds since the feed of revocations was last read; -1 before the first time.",
            )?,
            activity_rows: IntCounter::new(
                "user_service_session_activity_rows_total",
                "Sessions whose activity was written to the database.",
            )?,
            refusals: IntCounterVec::new(
                Opts::new(
                    "user_service_auth_failures_total",
                    "Requests whose token was refused.",
                ),
                &["reason"],
            )?,
            uploads: IntCounterVec::new(
                Opts::new(
                    "user_service_avatar_uploads_total",
                    "Pictures that were sent, by what became of them.",
                ),
                &["outcome"],
            )?,
        };
        let registry = &metrics.registry;
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(metrics.dependency_up.clone()))?;
        registry.register(Box::new(metrics.feed_age.clone()))?;
        registry.register(Box::new(metrics.activity_rows.clone()))?;
        registry.register(Box::new(metrics.refusals.clone()))?;
        registry.register(Box::new(metrics.uploads.clone()))?;
        Ok(metrics)
    }

    /// A request was answered.
    pub(crate) fn request(
        &self,
        method: &Method,
        route: Option<&str>,
        status: StatusCode,
        took: Duration,
    ) {
        let method = match *method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            Method::OPTIONS => "OPTIONS",
            _ => "_OTHER",
        };
        self.requests
            .with_label_values(&[method, route.unwrap_or("none"), status.as_str()])
            .observe(took.as_secs_f64());
    }

    /// A token was refused; the reason is one of a few words of ours.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.refusals.with_label_values(&[reason]).inc();
    }

    /// A picture was sent; the outcome is one of a few words of ours.
    pub(crate) fn avatar_uploaded(&self, outcome: &'static str) {
        self.uploads.with_label_values(&[outcome]).inc();
    }

    /// The activity of so many sessions was written.
    pub fn activity_written(&self, rows: u64) {
        self.activity_rows.inc_by(rows);
    }

    /// Everything in the text format, with how the dependencies are just now.
    pub(crate) async fn render(
        &self,
        dependencies: &[Arc<dyn Dependency>],
        feed_age: Option<Duration>,
    ) -> Result<Vec<u8>, prometheus::Error> {
        let checks = dependencies
            .iter()
            .map(async |dependency| (dependency.name(), dependency.check().await.is_ok()));
        for (name, up) in join_all(checks).await {
            self.dependency_up.with_label_values(&[name]).set(up.into());
        }
        self.feed_age
            .set(feed_age.map_or(-1.0, |age| age.as_secs_f64()));
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}
