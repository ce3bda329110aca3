//! Finds files that are nobody's.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use user_service_domain::avatar::AvatarStore;
use user_service_domain::clock::Clock;
use user_service_domain::ids::AvatarId;
use user_service_domain::store::Store;

use super::RemoveFiles;
use crate::UseCaseError;

/// What became of files that nothing points at and nothing is noted about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strays {
    /// They are removed.
    Remove,
    /// They are counted.
    Count,
}

/// Finds files that are nobody's: uploads that were broken off, and avatars that were replaced or removed while the
/// store of avatars was away.
pub struct CollectAvatars {
    store: Arc<dyn Store>,
    files: Arc<dyn AvatarStore>,
    clock: Arc<dyn Clock>,
    remove: RemoveFiles,
}

impl CollectAvatars {
    /// How many are looked at in one go.
    const BATCH: u32 = 100;
    /// How many are listed in one go.
    const PAGE: usize = 1000;
    /// How old files must be to be called strays, so that what is under way on a replica with a slow clock is not.
    const AGE: TimeDelta = TimeDelta::days(1);

    /// Over these stores and this clock.
    pub fn new(store: Arc<dyn Store>, files: Arc<dyn AvatarStore>, clock: Arc<dyn Clock>) -> Self {
        let remove = RemoveFiles::new(Arc::clone(&store), Arc::clone(&files));
        Self {
            store,
            files,
            clock,
            remove,
        }
    }

    /// Removes what is noted as nobody's by now. Answers of how many avatars. Errors: `AvatarsUnavailable`.
    #[tracing::instrument(name = "avatar.collect", skip_all)]
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let mut collected = 0;
        loop {
            let mut uow = self.store.begin().await?;
            let due = uow.avatars().due(self.clock.now(), Self::BATCH).await?;
            // What is due is nobody's for good: no lock is needed while the files go.
            uow.commit().await?;
            if due.is_empty() {
                return Ok(collected);
            }
            self.remove.execute(&due).await?;
            collected += u64::try_from(due.len()).unwrap_or(u64::MAX);
        }
    }

    /// Looks through the whole store of avatars for what nobody knows of, as after a database was restored from
    /// an older copy. Answers of how many avatars there is something. Errors: `AvatarsUnavailable`.
    #[tracing::instrument(name = "avatar.scan", skip_all)]
    pub async fn scan(&self, strays: Strays) -> Result<u64, UseCaseError> {
        let before = self.clock.now() - Self::AGE;
        let mut found = 0;
        let mut after = None;
        loop {
            let page = self.files.list(after, Self::PAGE).await?;
            let mut old = page.clone();
            old.retain(|id| uploaded(*id).is_none_or(|at| at < before));
            let mut uow = self.store.begin().await?;
            let unknown = uow.avatars().unknown(&old).await?;
            uow.commit().await?;
            found += u64::try_from(unknown.len()).unwrap_or(u64::MAX);
            if strays == Strays::Remove {
                for id in unknown {
                    self.files.delete(id).await?;
                }
            }
            after = page.last().copied();
            if page.len() < Self::PAGE {
                return Ok(found);
            }
        }
    }
}

/// When the upload was, as its id tells.
fn uploaded(id: AvatarId) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = id.get().get_timestamp()?.to_unix();
    DateTime::from_timestamp(seconds.try_into().ok()?, nanos)
}
