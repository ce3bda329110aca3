//! What the service counts. No label is under a client's control.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;
use futures_util::future::{join, join_all};
use prometheus::{
    Encoder, Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};
use tokio::time::timeout;
use user_service_domain::session::EndReason;
use user_service_telemetry::HTTP_BUCKETS;

use crate::http::route::METHODS;
use crate::service::{Build, Vitals};

/// How long a scrape waits for the database.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// The metrics of this process, under OpenTelemetry's names in Prometheus' spelling.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    active: [(&'static str, IntGauge); METHODS.len()],
    build: IntGaugeVec,
    migrations_pending: IntGauge,
    sessions_active: IntGauge,
    /// Brought up to date by one scrape at a time.
    sessions_revoked: Arc<Mutex<IntCounterVec>>,
    dependency_up: IntGaugeVec,
    feed_age: Gauge,
    activity_rows: IntCounter,
    refusals: IntCounterVec,
    uploads: IntCounterVec,
    rate_limited: IntCounterVec,
    shed: IntCounterVec,
}

impl Metrics {
    /// Registers every metric.
    pub fn new() -> Result<Self, prometheus::Error> {
        let active = IntGaugeVec::new(
            Opts::new(
                "http_server_active_requests",
                "HTTP requests that are being worked on.",
            ),
            &["http_request_method"],
        )?;
        let sessions_revoked = IntCounterVec::new(
            Opts::new(
                "user_service_sessions_revoked_total",
                "Sessions that this process ended before their time.",
            ),
            &["reason"],
        )?;
        let metrics = Self {
            registry: Registry::new(),
            requests: HistogramVec::new(
                HistogramOpts::new(
                    "http_server_request_duration_seconds",
                    "Duration of HTTP requests.",
                )
                .buckets(HTTP_BUCKETS.to_vec()),
                &[
                    "http_request_method",
                    "http_route",
                    "http_response_status_code",
                ],
            )?,
            active: METHODS.map(|method| (method, active.with_label_values(&[method]))),
            build: IntGaugeVec::new(
                Opts::new("user_service_build_info", "What was built; the value is 1."),
                &["version", "revision", "adapters"],
            )?,
            migrations_pending: IntGauge::new(
                "user_service_migrations_pending",
                "Migrations that the database lacks; -1 before it was asked.",
            )?,
            sessions_active: IntGauge::new(
                "user_service_sessions_active",
                "Sessions in use, of all replicas, up to a million; -1 before they were counted.",
            )?,
            sessions_revoked: Arc::new(Mutex::new(sessions_revoked.clone())),
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
            rate_limited: IntCounterVec::new(
                Opts::new(
                    "user_service_rate_limited_total",
                    "Requests that were refused as too many came.",
                ),
                &["policy"],
            )?,
            shed: IntCounterVec::new(
                Opts::new(
                    "user_service_shed_total",
                    "Requests that were refused at once as too many were worked on.",
                ),
                &["reason"],
            )?,
        };
        let registry = &metrics.registry;
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(active))?;
        registry.register(Box::new(metrics.build.clone()))?;
        registry.register(Box::new(metrics.migrations_pending.clone()))?;
        registry.register(Box::new(metrics.sessions_active.clone()))?;
        metrics.sessions_active.set(-1);
        registry.register(Box::new(sessions_revoked))?;
        registry.register(Box::new(metrics.dependency_up.clone()))?;
        registry.register(Box::new(metrics.feed_age.clone()))?;
        registry.register(Box::new(metrics.activity_rows.clone()))?;
        registry.register(Box::new(metrics.refusals.clone()))?;
        registry.register(Box::new(metrics.uploads.clone()))?;
        metrics.migrations_pending.set(-1);
        registry.register(Box::new(metrics.rate_limited.clone()))?;
        registry.register(Box::new(metrics.shed.clone()))?;
        Ok(metrics)
    }

    /// Where others register what they measure.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What was built.
    pub fn tell_build(&self, build: &Build) {
        let adapters = build.adapters.join(",");
        self.build
            .with_label_values(&[build.version, build.revision, &adapters])
            .set(1);
    }

    /// So many migrations are to be applied.
    pub fn migrations_pending(&self, pending: usize) {
        self.migrations_pending
            .set(i64::try_from(pending).unwrap_or(i64::MAX));
    }

    /// So many sessions are in use.
    pub fn sessions_active(&self, sessions: u64) {
        self.sessions_active
            .set(i64::try_from(sessions).unwrap_or(i64::MAX));
    }

    /// A request is being worked on until what this gives is dropped.
    pub(crate) fn begin(&self, method: &'static str) -> ActiveRequest {
        let gauge = self.active.iter().find(|(of, _)| *of == method);
        let gauge = gauge.map(|(_, gauge)| gauge.clone());
        gauge.iter().for_each(IntGauge::inc);
        ActiveRequest(gauge)
    }

    /// How long requests take that are answered like this.
    pub(crate) fn duration(&self, method: &str, route: &str, status: StatusCode) -> Histogram {
        self.requests
            .with_label_values(&[method, route, status.as_str()])
    }

    /// A token was refused; the reason is one of a few words of ours.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.refusals.with_label_values(&[reason]).inc();
    }

    /// A request was one too many under a policy of ours.
    pub(crate) fn rate_limited(&self, policy: &'static str) {
        self.rate_limited.with_label_values(&[policy]).inc();
    }

    /// A request was refused at once; the reason is one of a few words of ours.
    pub(crate) fn shed(&self, reason: &'static str) {
        self.shed.with_label_values(&[reason]).inc();
    }

    /// A picture was sent; the outcome is one of a few words of ours.
    pub(crate) fn avatar_uploaded(&self, outcome: &'static str) {
        self.uploads.with_label_values(&[outcome]).inc();
    }

    /// The activity of so many sessions was written.
    pub fn activity_written(&self, rows: u64) {
        self.activity_rows.inc_by(rows);
    }

    /// Everything in the text format, with how things are just now.
    pub(crate) async fn render(&self, vitals: &Vitals) -> Result<Vec<u8>, prometheus::Error> {
        let checks = vitals
            .dependencies
            .iter()
            .map(async |dependency| (dependency.name(), dependency.check().await.is_ok()));
        let ping = timeout(PING_TIMEOUT, vitals.store.ping());
        let (database, checks) = join(ping, join_all(checks)).await;
        let database = matches!(database, Ok(Ok(())));
        for (name, up) in checks.into_iter().chain([("database", database)]) {
            self.dependency_up.with_label_values(&[name]).set(up.into());
        }
        let age = vitals.watch.age();
        self.feed_age.set(age.map_or(-1.0, |age| age.as_secs_f64()));
        self.count_ended(vitals.watch.ended());
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

impl Metrics {
    /// So many sessions were ended until now.
    fn count_ended(&self, ended: impl Iterator<Item = (EndReason, u64)>) {
        let counters = self.sessions_revoked.lock();
        let counters = counters.unwrap_or_else(PoisonError::into_inner);
        // A session that expires is not revoked.
        for (reason, sessions) in ended.filter(|(reason, _)| *reason != EndReason::Expired) {
            let counter = counters.with_label_values(&[reason.as_str()]);
            counter.inc_by(sessions.saturating_sub(counter.get()));
        }
    }
}

/// A request that is being worked on.
#[must_use]
pub(crate) struct ActiveRequest(Option<IntGauge>);

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.0.iter().for_each(IntGauge::dec);
    }
}
