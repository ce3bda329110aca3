//! A pool for each thread.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use thread_local::ThreadLocal;
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{Profile, ProfilePatch, ProfileReader, ProfileSearch};
use user_service_domain::revocation::RevocationReader;
use user_service_domain::session::SessionReader;
use user_service_domain::store::{Store, StoreError, UnitOfWork};
use user_service_telemetry::PoolUsage;

use crate::pool::PoolOptions;
use crate::store::SqlStore;

/// Stores of one database, one for each thread that asks. Each worker of the server has a reactor of its own, and
/// the reactor of the thread that opened a connection is woken by every reply on it: where threads share a pool,
/// most queries wake two of them.
///
/// Threads take the stores in turn; where there are more threads than stores, some share.
#[derive(Debug)]
pub struct ThreadStores {
    first: SqlStore,
    others: Vec<SqlStore>,
    threads: AtomicUsize,
    number: ThreadLocal<usize>,
}

impl ThreadStores {
    /// Of these stores, whose connections are opened when they are needed.
    pub fn new(first: SqlStore, others: Vec<SqlStore>) -> Self {
        Self {
            first,
            others,
            threads: AtomicUsize::new(0),
            number: ThreadLocal::new(),
        }
    }

    /// How the connections of all threads are used.
    pub fn usage(&self) -> PoolUsage {
        let others = self.others.iter().map(SqlStore::usage);
        others.fold(self.first.usage(), PoolUsage::and)
    }

    fn here(&self) -> &SqlStore {
        let number = *self
            .number
            .get_or(|| self.threads.fetch_add(1, Ordering::Relaxed));
        match number % (self.others.len() + 1) {
            0 => &self.first,
            n => self.others.get(n - 1).unwrap_or(&self.first),
        }
    }
}

#[async_trait]
impl Store for ThreadStores {
    fn profiles(&self) -> &dyn ProfileReader {
        self.here()
    }

    fn search(&self) -> &dyn ProfileSearch {
        self.here()
    }

    fn sessions(&self) -> &dyn SessionReader {
        self.here()
    }

    fn revocations(&self) -> &dyn RevocationReader {
        self.here()
    }

    async fn replace_profile(&self, before: &Profile, after: &Profile) -> Result<(), StoreError> {
        self.here().replace_profile(before, after).await
    }

    async fn patch_profile(
        &self,
        id: ProfileId,
        owner: Option<UserId>,
        patch: &ProfilePatch,
        now: DateTime<Utc>,
    ) -> Result<Option<Profile>, StoreError> {
        self.here().patch_profile(id, owner, patch, now).await
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.here().begin().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.here().ping().await
    }
}

impl PoolOptions {
    /// The same for each of so many threads: their pools have as many connections together, and one each at least.
    pub fn of_threads(self, threads: usize) -> impl Iterator<Item = Self> {
        let threads = u32::try_from(threads).unwrap_or(u32::MAX).max(1);
        let (each, more) = (
            self.max_connections / threads,
            self.max_connections % threads,
        );
        (0..threads).map(move |n| Self {
            max_connections: (each + u32::from(n < more)).max(1),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_shared_out() {
        let sizes = |connections, threads| -> Vec<u32> {
            let options = PoolOptions {
                max_connections: connections,
                ..PoolOptions::default()
            };
            options
                .of_threads(threads)
                .map(|options| options.max_connections)
                .collect()
        };
        assert_eq!(sizes(10, 2), [5, 5]);
        assert_eq!(sizes(10, 4), [3, 3, 2, 2]);
        assert_eq!(sizes(2, 3), [1, 1, 1]);
        assert_eq!(sizes(7, 0), [7]);
    }
}
