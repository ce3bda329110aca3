//! What the service tells of itself.

use std::sync::Arc;

use serde::Serialize;
use user_service_application::revocation::RevocationWatch;
use user_service_domain::health::Dependency;
use user_service_domain::store::Store;

use crate::metrics::Metrics;
use crate::state::{Readiness, State};

/// What was built.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Build {
    /// The release, such as `1.2.3`.
    pub version: &'static str,
    /// The commit; `unknown` where the builder did not tell.
    pub revision: &'static str,
    /// The optional parts that are in it.
    pub adapters: &'static [&'static str],
}

/// What one listener tells of the service. Each has a store of its own to ask, so that the probes of one do not wait
/// for what the other is busy with.
pub struct Vitals {
    pub(crate) readiness: Readiness,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) dependencies: Vec<Arc<dyn Dependency>>,
    pub(crate) metrics: Metrics,
    pub(crate) watch: Arc<RevocationWatch>,
    /// Whether `/metrics` is served here.
    pub(crate) serves_metrics: bool,
    pub(crate) build: Build,
}

impl Vitals {
    /// Of this service, whose database is asked by this store.
    pub fn of(state: &State, store: Arc<dyn Store>, serves_metrics: bool, build: Build) -> Self {
        Self {
            readiness: state.readiness.clone(),
            store,
            dependencies: state.dependencies.clone(),
            metrics: state.metrics.clone(),
            watch: Arc::clone(&state.watch),
            serves_metrics,
            build,
        }
    }
}
