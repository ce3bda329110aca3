//! Forgets sessions that ended long ago.

use std::sync::Arc;

use chrono::Duration;
use user_service_domain::clock::Clock;
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::retry::retrying;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Sessions whose expiry was written down.
    pub expired: u64,
    /// Sessions that were forgotten.
    pub forgotten: u64,
}

/// Writes down which sessions expired, and forgets those that ended longer ago than the retention.
pub struct PruneSessions {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    retention: Duration,
}

impl PruneSessions {
    const BATCH: u32 = 500;

    /// Over this store and clock; ended sessions are kept for `retention`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, retention: Duration) -> Self {
        Self {
            store,
            clock,
            retention,
        }
    }

    /// Works in batches, each a unit of work of its own, so that nobody waits long.
    #[tracing::instrument(name = "session.prune", skip_all)]
    pub async fn execute(&self) -> Result<Pruned, UseCaseError> {
        let mut pruned = Pruned::default();
        loop {
            let batch = retrying(|| self.expire()).await?;
            pruned.expired += batch;
            if batch < u64::from(Self::BATCH) {
                break;
            }
        }
        loop {
            let batch = retrying(|| self.forget()).await?;
            pruned.forgotten += batch;
            if batch < u64::from(Self::BATCH) {
                return Ok(pruned);
            }
        }
    }

    async fn expire(&self) -> Result<u64, UseCaseError> {
        let mut uow = self.store.begin().await?;
        let now = self.clock.now();
        let rows = uow.session_upkeep().expire(now, Self::BATCH).await?;
        uow.commit().await?;
        Ok(rows)
    }

    async fn forget(&self) -> Result<u64, UseCaseError> {
        let mut uow = self.store.begin().await?;
        let before = self.clock.now() - self.retention;
        let rows = uow.session_upkeep().prune(before, Self::BATCH).await?;
        uow.commit().await?;
        Ok(rows)
    }
}
