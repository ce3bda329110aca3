//! The store's fake.

mod accounts;
mod avatars;
mod faults;
mod order;
mod reader;
mod revocations;
mod search;
mod sessions;
mod state;
mod unit_of_work;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use user_service_domain::profile::{ProfileReader, ProfileSearch};
use user_service_domain::revocation::RevocationReader;
use user_service_domain::session::SessionReader;
use user_service_domain::store::{Store, StoreError, UnitOfWork};

pub use faults::FaultKind;
pub(crate) use order::compare;

use faults::Faults;
use state::State;
use unit_of_work::MemoryUnitOfWork;

/// A store in memory. Clones share what they keep.
///
/// Units of work come one after another: `begin` waits until the one before has ended. A task that holds
/// one and begins another waits for ever.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    committed: Arc<Mutex<State>>,
    turn: Arc<tokio::sync::Mutex<()>>,
    faults: Arc<Faults>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the next read, ping, begin or commit fail. Several wait in a queue.
    pub fn fail_next(&self, fault: FaultKind) {
        self.fail_after(0, fault);
    }

    /// Makes one of the next reads, pings, begins or commits fail: that after so many which go well.
    pub fn fail_after(&self, calls: usize, fault: FaultKind) {
        self.faults.push(calls, fault);
    }

    fn committed(&self) -> MutexGuard<'_, State> {
        self.committed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn profiles(&self) -> &dyn ProfileReader {
        self
    }

    fn search(&self) -> &dyn ProfileSearch {
        self
    }

    fn sessions(&self) -> &dyn SessionReader {
        self
    }

    fn revocations(&self) -> &dyn RevocationReader {
        self
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.faults.strike()?;
        let turn = Arc::clone(&self.turn).lock_owned().await;
        Ok(Box::new(MemoryUnitOfWork::begin(self.clone(), turn)))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.faults.strike()
    }
}

#[cfg(test)]
mod tests {
    use user_service_domain::profile::{Counted, ProfileFilter};

    use super::*;
    use crate::profile;

    #[tokio::test]
    async fn faults_strike_in_their_order_and_once() {
        let store = MemoryStore::new();
        store.fail_next(FaultKind::Unavailable);
        store.fail_next(FaultKind::Stale);
        assert!(matches!(
            store.ping().await,
            Err(StoreError::Unavailable(_))
        ));
        assert!(matches!(
            store.begin().await.map(drop),
            Err(StoreError::Stale)
        ));
        assert!(store.begin().await.is_ok());
    }

    #[tokio::test]
    async fn a_commit_that_fails_keeps_nothing() {
        let store = MemoryStore::new();
        let mut work = store.begin().await.unwrap();
        work.profiles().insert(&profile(1)).await.unwrap();
        store.fail_next(FaultKind::Stale);
        assert!(matches!(work.commit().await, Err(StoreError::Stale)));
        assert_eq!(
            store
                .profiles()
                .count(&ProfileFilter::default(), 1)
                .await
                .unwrap(),
            Counted::Exactly(0)
        );
    }
}
