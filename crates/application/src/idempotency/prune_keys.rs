//! Forgets idempotency keys.

use std::sync::Arc;

use user_service_domain::clock::Clock;
use user_service_domain::store::Store;

use crate::UseCaseError;

/// Forgets keys whose time is over.
pub struct PruneKeys {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl PruneKeys {
    const BATCH: u32 = 500;

    /// Over this store and clock.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Forgets them in batches, each a unit of work of its own. Answers how many.
    #[tracing::instrument(name = "idempotency.prune", skip_all)]
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let mut pruned = 0;
        loop {
            let mut uow = self.store.begin().await?;
            let batch = uow
                .idempotency_keys()
                .prune(self.clock.now(), Self::BATCH)
                .await?;
            uow.commit().await?;
            pruned += batch;
            if batch < u64::from(Self::BATCH) {
                return Ok(pruned);
            }
        }
    }
}
