//! The keys of the Auth Service.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus::{Error, Gauge, IntCounter, IntCounterVec, Opts, Registry};

/// Tells how fetching a set of keys goes. By default it tells nobody.
#[derive(Clone, Debug, Default)]
pub struct KeySetMeasures(Option<Families>);

#[derive(Clone, Debug)]
struct Families {
    succeeded: IntCounter,
    failed: IntCounter,
    last_success: Gauge,
}

impl KeySetMeasures {
    pub(super) fn register(registry: &Registry) -> Result<Self, Error> {
        let refreshes = IntCounterVec::new(
            Opts::new(
                "user_service_jwks_refresh_total",
                "Attempts to fetch the keys of the Auth Service.",
            ),
            &["result"],
        )?;
        let last_success = Gauge::new(
            "user_service_jwks_last_success_timestamp_seconds",
            "When the keys of the Auth Service were last fetched; 0 before the first time.",
        )?;
        registry.register(Box::new(refreshes.clone()))?;
        registry.register(Box::new(last_success.clone()))?;
        Ok(Self(Some(Families {
            succeeded: refreshes.with_label_values(&["success"]),
            failed: refreshes.with_label_values(&["failure"]),
            last_success,
        })))
    }

    /// They were fetched at this time.
    pub fn succeeded(&self, at: SystemTime) {
        if let Some(families) = &self.0 {
            families.succeeded.inc();
            let since = at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
            families.last_success.set(since.as_secs_f64());
        }
    }

    /// They could not be fetched.
    pub fn failed(&self) {
        if let Some(families) = &self.0 {
            families.failed.inc();
        }
    }
}
