//! Every family, registered once.

use prometheus::{Error, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};

use super::pools::Pools;
use super::{CacheMeasures, DatabaseMeasures, HttpClientMeasures, KeySetMeasures, PoolUsage};

/// The buckets of OpenTelemetry's semantic conventions for database clients, in seconds.
const DATABASE_BUCKETS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// The buckets of OpenTelemetry's semantic conventions for HTTP, in seconds.
pub const HTTP_BUCKETS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// Gives measures to adapters.
#[derive(Clone, Debug)]
pub struct Instruments {
    registry: Registry,
    operations: HistogramVec,
    pools: Pools,
    calls: HistogramVec,
    caches: IntCounterVec,
}

impl Instruments {
    /// Registers what adapters measure. Errors: something of the same name is registered.
    pub fn new(registry: &Registry) -> Result<Self, Error> {
        let instruments = Self {
            registry: registry.clone(),
            operations: HistogramVec::new(
                HistogramOpts::new(
                    "db_client_operation_duration_seconds",
                    "Duration of statements, without the wait for a connection; that of BEGIN is included.",
                )
                .buckets(DATABASE_BUCKETS.to_vec()),
                &["db_system_name", "db_operation_name"],
            )?,
            pools: Pools::new()?,
            calls: HistogramVec::new(
                HistogramOpts::new(
                    "http_client_request_duration_seconds",
                    "Duration of HTTP requests to other services, each attempt by itself.",
                )
                .buckets(HTTP_BUCKETS.to_vec()),
                &[
                    "http_request_method",
                    "server_address",
                    "http_response_status_code",
                    "error_type",
                ],
            )?,
            caches: IntCounterVec::new(
                Opts::new(
                    "user_service_cache_requests_total",
                    "Questions to caches, by whether they knew the answer.",
                ),
                &["cache", "result"],
            )?,
        };
        registry.register(Box::new(instruments.operations.clone()))?;
        registry.register(Box::new(instruments.pools.clone()))?;
        registry.register(Box::new(instruments.calls.clone()))?;
        registry.register(Box::new(instruments.caches.clone()))?;
        // The collector of `prometheus` needs an older `rustix` besides ours.
        #[cfg(target_os = "linux")]
        registry.register(Box::new(super::process::Process::new()?))?;
        Ok(instruments)
    }

    /// Measures statements of a database; `system` is its name in the semantic conventions, such as `postgresql`.
    pub fn database(&self, system: &'static str) -> DatabaseMeasures {
        DatabaseMeasures::new(system, |operation| {
            self.operations.with_label_values(&[system, operation])
        })
    }

    /// Tells of a pool of connections, whose use is asked for at each scrape; `None` once it is no more.
    pub fn pool(
        &self,
        name: &'static str,
        usage: impl Fn() -> Option<PoolUsage> + Send + Sync + 'static,
    ) {
        self.pools.add(name, usage);
    }

    /// Measures requests to one service; `address` is its host as configured.
    pub fn http_client(&self, address: &str) -> HttpClientMeasures {
        HttpClientMeasures::new(address, self.calls.clone())
    }

    /// Counts questions to a cache.
    pub fn cache(&self, name: &'static str) -> CacheMeasures {
        CacheMeasures::new(
            self.caches.with_label_values(&[name, "hit"]),
            self.caches.with_label_values(&[name, "miss"]),
        )
    }

    /// Tells of a set of keys that is fetched again and again. Errors: there is one already.
    pub fn key_set(&self) -> Result<KeySetMeasures, Error> {
        KeySetMeasures::register(&self.registry)
    }
}
