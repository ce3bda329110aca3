//! Drops the addresses of sessions that were not used for long.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use user_service_domain::clock::Clock;
use user_service_domain::ids::SessionId;
use user_service_domain::session::AddressWalk;
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::retry::retrying;

/// Drops client addresses a while after the last activity of their sessions. The sessions stay.
pub struct DropAddresses {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    retention: Duration,
}

impl DropAddresses {
    const BATCH: u32 = 500;

    /// Over this store and clock; addresses are kept for `retention` after the last activity.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, retention: Duration) -> Self {
        Self {
            store,
            clock,
            retention,
        }
    }

    /// Works in batches, each a unit of work of its own, so that nobody waits long. Answers how many were dropped.
    #[tracing::instrument(name = "session.drop_addresses", skip_all)]
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let before = self.clock.now() - self.retention;
        let (mut from, mut dropped) = (None, 0);
        loop {
            let walk = retrying(|| self.attempt(before, from)).await?;
            dropped += walk.dropped;
            if walk.next.is_none() {
                return Ok(dropped);
            }
            from = walk.next;
        }
    }

    async fn attempt(
        &self,
        before: DateTime<Utc>,
        from: Option<(DateTime<Utc>, SessionId)>,
    ) -> Result<AddressWalk, UseCaseError> {
        let mut uow = self.store.begin().await?;
        let upkeep = uow.session_upkeep();
        let walk = upkeep.drop_addresses(before, from, Self::BATCH).await?;
        uow.commit().await?;
        Ok(walk)
    }
}
