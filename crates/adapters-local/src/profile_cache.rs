//! A store that remembers whom many read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use moka::Expiry;
use moka::future::Cache;
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::bulk::StoredAccount;
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{
    Account, Counted, Profile, ProfileFilter, ProfileKey, ProfilePatch, ProfileQuery,
    ProfileReader, ProfileSearch,
};
use user_service_domain::revocation::RevocationReader;
use user_service_domain::session::SessionReader;
use user_service_domain::store::{Store, StoreError, UnitOfWork};
use user_service_telemetry::CacheMeasures;

/// How long after it was read a profile may be shown: with the time of an answer this stays under a second.
const LEASE: Duration = Duration::from_millis(900);

/// Remembers profiles by their ids, for callers who may be shown what is up to 0.9 s old. All else goes to the store.
///
/// That is a lease and no promise to hear of changes: whatever is lost between replicas, nobody is shown a
/// profile later than a second after it was changed. Callers who ask for the same at once are one question
/// to the store. Absent profiles are not remembered.
pub struct ProfileCachingStore {
    store: Arc<dyn Store>,
    reader: CachedProfiles,
}

struct CachedProfiles {
    store: Arc<dyn Store>,
    kept: Cache<ProfileId, Kept>,
    measures: CacheMeasures,
}

/// A profile, and when the store was asked for it.
#[derive(Clone)]
struct Kept {
    profile: Arc<Profile>,
    asked_at: Instant,
}

/// Why there is nothing to keep.
#[derive(Debug, thiserror::Error)]
enum Nothing {
    #[error("there is no such profile")]
    Absent,
    #[error("it could not be read")]
    Failed(#[source] StoreError),
}

impl ProfileCachingStore {
    /// Over this store, for at most so many profiles.
    pub fn new(store: Arc<dyn Store>, profiles: u64, measures: CacheMeasures) -> Self {
        let kept = Cache::builder()
            .max_capacity(profiles)
            .expire_after(Lease)
            .build();
        Self {
            reader: CachedProfiles {
                store: Arc::clone(&store),
                kept,
                measures,
            },
            store,
        }
    }
}

/// Forgets a profile when its lease is over.
struct Lease;

impl Expiry<ProfileId, Kept> for Lease {
    fn expire_after_create(&self, _: &ProfileId, kept: &Kept, _: Instant) -> Option<Duration> {
        Some(LEASE.saturating_sub(kept.asked_at.elapsed()))
    }
}

impl CachedProfiles {
    fn reader(&self) -> &dyn ProfileReader {
        self.store
            .lagging_profiles()
            .unwrap_or(self.store.profiles())
    }

    async fn read(&self, id: ProfileId) -> Result<Kept, Nothing> {
        let asked_at = Instant::now();
        match self.reader().find(ProfileKey::Id(id)).await {
            Ok(Some(profile)) => Ok(Kept {
                profile: Arc::new(profile),
                asked_at,
            }),
            Ok(None) => Err(Nothing::Absent),
            Err(error) => Err(Nothing::Failed(error)),
        }
    }
}

#[async_trait]
impl ProfileReader for CachedProfiles {
    async fn find(&self, key: ProfileKey) -> Result<Option<Profile>, StoreError> {
        let ProfileKey::Id(id) = key else {
            return self.reader().find(key).await;
        };
        let found = self.kept.entry(id).or_try_insert_with(self.read(id)).await;
        let known = found.as_ref().is_ok_and(|found| !found.is_fresh());
        self.measures.asked(known);
        match found {
            Ok(found) => Ok(Some(Profile::clone(&found.value().profile))),
            Err(nothing) => match &*nothing {
                Nothing::Absent => Ok(None),
                Nothing::Failed(StoreError::Internal(_)) => {
                    Err(StoreError::Internal(Box::new(nothing)))
                }
                Nothing::Failed(_) => Err(StoreError::Unavailable(Box::new(nothing))),
            },
        }
    }

    async fn find_account(&self, key: ProfileKey) -> Result<Option<Account>, StoreError> {
        self.reader().find_account(key).await
    }

    async fn find_by_alias(&self, alias: AvatarAlias) -> Result<Option<Profile>, StoreError> {
        self.reader().find_by_alias(alias).await
    }

    async fn list(&self, query: &ProfileQuery) -> Result<Vec<Profile>, StoreError> {
        self.reader().list(query).await
    }

    async fn accounts_after(
        &self,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<StoredAccount>, StoreError> {
        self.reader().accounts_after(after, limit).await
    }

    async fn count(&self, filter: &ProfileFilter, most: u64) -> Result<Counted, StoreError> {
        self.reader().count(filter, most).await
    }
}

#[async_trait]
impl Store for ProfileCachingStore {
    fn profiles(&self) -> &dyn ProfileReader {
        self.store.profiles()
    }

    fn search(&self) -> &dyn ProfileSearch {
        self.store.search()
    }

    fn lagging_profiles(&self) -> Option<&dyn ProfileReader> {
        Some(&self.reader)
    }

    fn lagging_search(&self) -> Option<&dyn ProfileSearch> {
        self.store.lagging_search()
    }

    fn sessions(&self) -> &dyn SessionReader {
        self.store.sessions()
    }

    fn revocations(&self) -> &dyn RevocationReader {
        self.store.revocations()
    }

    async fn replace_profile(&self, before: &Profile, after: &Profile) -> Result<(), StoreError> {
        self.store.replace_profile(before, after).await
    }

    async fn patch_profile(
        &self,
        id: ProfileId,
        owner: Option<UserId>,
        patch: &ProfilePatch,
        now: DateTime<Utc>,
    ) -> Result<Option<Profile>, StoreError> {
        self.store.patch_profile(id, owner, patch, now).await
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.store.begin().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}
