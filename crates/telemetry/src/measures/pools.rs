//! Pools of connections, as they are when somebody asks.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{Error, IntGaugeVec, Opts};

/// How a pool of connections is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolUsage {
    /// The most connections there may be.
    pub max: usize,
    /// Connections that work for somebody.
    pub used: usize,
    /// Connections that are open and wait for work.
    pub idle: usize,
    /// Callers that wait for a connection.
    pub pending: usize,
}

impl PoolUsage {
    /// Of both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            max: self.max + other.max,
            used: self.used + other.used,
            idle: self.idle + other.idle,
            pending: self.pending + other.pending,
        }
    }
}

type Ask = Box<dyn Fn() -> Option<PoolUsage> + Send + Sync>;

/// Asks every pool at each scrape.
#[derive(Clone)]
pub(super) struct Pools {
    count: IntGaugeVec,
    max: IntGaugeVec,
    pending: IntGaugeVec,
    asks: Arc<Mutex<Vec<(&'static str, Ask)>>>,
}

impl Pools {
    pub(super) fn new() -> Result<Self, Error> {
        const POOL: &str = "db_client_connection_pool_name";
        Ok(Self {
            count: IntGaugeVec::new(
                Opts::new(
                    "db_client_connection_count",
                    "Connections to the database, by whether they work for somebody.",
                ),
                &[POOL, "db_client_connection_state"],
            )?,
            max: IntGaugeVec::new(
                Opts::new(
                    "db_client_connection_max",
                    "The most connections to the database.",
                ),
                &[POOL],
            )?,
            pending: IntGaugeVec::new(
                Opts::new(
                    "db_client_connection_pending_requests",
                    "Callers that wait for a connection to the database.",
                ),
                &[POOL],
            )?,
            asks: Arc::default(),
        })
    }

    pub(super) fn add(
        &self,
        name: &'static str,
        usage: impl Fn() -> Option<PoolUsage> + Send + Sync + 'static,
    ) {
        let mut asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner);
        asks.push((name, Box::new(usage)));
    }

    fn look(&self) {
        let asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, ask) in asks.iter() {
            let usage = ask().unwrap_or_default();
            let set = |gauge: &IntGaugeVec, labels: &[&str], value: usize| {
                gauge
                    .with_label_values(labels)
                    .set(i64::try_from(value).unwrap_or(i64::MAX));
            };
            set(&self.count, &[name, "used"], usage.used);
            set(&self.count, &[name, "idle"], usage.idle);
            set(&self.max, &[name], usage.max);
            set(&self.pending, &[name], usage.pending);
        }
    }
}

impl Collector for Pools {
    fn desc(&self) -> Vec<&Desc> {
        [&self.count, &self.max, &self.pending]
            .into_iter()
            .flat_map(Collector::desc)
            .collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.look();
        [&self.count, &self.max, &self.pending]
            .into_iter()
            .flat_map(Collector::collect)
            .collect()
    }
}

impl std::fmt::Debug for Pools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pools").finish_non_exhaustive()
    }
}
