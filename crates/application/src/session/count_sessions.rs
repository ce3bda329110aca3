//! Counts the sessions that are in use.

use std::sync::Arc;

use user_service_domain::clock::Clock;
use user_service_domain::store::Store;

use crate::UseCaseError;

/// Counts the sessions of all that are in use, for operators.
pub struct CountSessions {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl CountSessions {
    /// As far as it counts: what it costs is bounded.
    pub const MOST: u32 = 1_000_000;

    /// Over this store and clock.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// How many there are, or [`MOST`](Self::MOST) where there are more.
    #[tracing::instrument(name = "session.count", skip_all)]
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let sessions = self.store.sessions();
        Ok(sessions.count_active(self.clock.now(), Self::MOST).await?)
    }
}
