//! Forgets old revocations.

use std::sync::Arc;

use chrono::Duration;
use user_service_domain::clock::Clock;
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::retry::retrying;

/// Forgets lines of the feed that are older than the retention.
pub struct PruneRevocations {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    retention: Duration,
}

impl PruneRevocations {
    const BATCH: u32 = 500;

    /// Over this store and clock; lines are kept for `retention`, which must outlast every token.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, retention: Duration) -> Self {
        Self {
            store,
            clock,
            retention,
        }
    }

    /// Forgets them in batches, each a unit of work of its own. Answers how many.
    #[tracing::instrument(name = "revocation.prune", skip_all)]
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let mut pruned = 0;
        loop {
            let batch = retrying(|| self.attempt()).await?;
            pruned += batch;
            if batch < u64::from(Self::BATCH) {
                return Ok(pruned);
            }
        }
    }

    async fn attempt(&self) -> Result<u64, UseCaseError> {
        let mut uow = self.store.begin().await?;
        let before = self.clock.now() - self.retention;
        let rows = uow.revocations().prune(before, Self::BATCH).await?;
        uow.commit().await?;
        Ok(rows)
    }
}
