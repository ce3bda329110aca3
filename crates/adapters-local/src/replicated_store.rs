//! A store with a replica to read from.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::bulk::StoredAccount;
use user_service_domain::health::Dependency;
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{
    Account, Counted, Profile, ProfileFilter, ProfileKey, ProfilePatch, ProfileQuery,
    ProfileReader, ProfileSearch, ProfileSearchQuery, SearchPage,
};
use user_service_domain::revocation::RevocationReader;
use user_service_domain::session::SessionReader;
use user_service_domain::store::{Source, Store, StoreError, UnitOfWork};
use user_service_domain::text::SearchText;

/// How long a replica that failed is left alone.
const LEFT_ALONE_FOR: Duration = Duration::from_secs(2);

/// How long a check waits for the replica.
const CHECK: Duration = Duration::from_millis(900);

/// Reads that may lag go to a replica, all else to the primary. While the replica fails its reads go to the
/// primary, too.
pub struct ReplicatedStore {
    primary: Arc<dyn Store>,
    lagging: Arc<Lagging>,
}

struct Lagging {
    primary: Arc<dyn Store>,
    replica: Arc<dyn Store>,
    /// Until when the replica is left alone.
    away_until: watch::Sender<Option<Instant>>,
}

impl ReplicatedStore {
    /// Of a primary and a replica of it.
    pub fn new(primary: Arc<dyn Store>, replica: Arc<dyn Store>) -> Self {
        let lagging = Lagging {
            primary: Arc::clone(&primary),
            replica,
            away_until: watch::Sender::new(None),
        };
        Self {
            primary,
            lagging: Arc::new(lagging),
        }
    }

    /// The replica as something that may be away.
    pub fn dependency(&self) -> Arc<dyn Dependency> {
        Arc::clone(&self.lagging) as _
    }
}

impl Lagging {
    /// The replica, unless it failed just now.
    fn replica(&self) -> Option<&dyn Store> {
        let is_away = self
            .away_until
            .borrow()
            .is_some_and(|until| Instant::now() < until);
        (!is_away).then_some(&*self.replica)
    }

    /// The answer of the replica, unless it has none.
    fn heard<T>(&self, answer: Result<T, StoreError>) -> Option<T> {
        if answer.is_err() {
            let until = Instant::now() + LEFT_ALONE_FOR;
            self.away_until.send_replace(Some(until));
        }
        answer.ok()
    }
}

/// Asks the replica, and the primary where the replica has no answer.
macro_rules! ask {
    ($self:ident, $port:ident . $method:ident ($($argument:expr),*)) => {{
        if let Some(replica) = $self.replica()
            && let Some(answer) = $self.heard(replica.$port().$method($($argument),*).await)
        {
            return Ok(answer);
        }
        $self.primary.$port().$method($($argument),*).await
    }};
    // What is not found may not have come yet.
    ($self:ident, some $port:ident . $method:ident ($($argument:expr),*)) => {{
        if let Some(replica) = $self.replica()
            && let Some(Some(found)) = $self.heard(replica.$port().$method($($argument),*).await)
        {
            return Ok(Some(found));
        }
        $self.primary.$port().$method($($argument),*).await
    }};
}

#[async_trait]
impl ProfileReader for Lagging {
    async fn find(&self, key: ProfileKey) -> Result<Option<Profile>, StoreError> {
        ask!(self, some profiles.find(key))
    }

    async fn find_account(&self, key: ProfileKey) -> Result<Option<Account>, StoreError> {
        ask!(self, some profiles.find_account(key))
    }

    async fn find_by_alias(&self, alias: AvatarAlias) -> Result<Option<Profile>, StoreError> {
        ask!(self, some profiles.find_by_alias(alias))
    }

    async fn list(&self, query: &ProfileQuery) -> Result<Vec<Profile>, StoreError> {
        ask!(self, profiles.list(query))
    }

    async fn accounts_after(
        &self,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<StoredAccount>, StoreError> {
        ask!(self, profiles.accounts_after(after, limit))
    }

    async fn count(&self, filter: &ProfileFilter, most: u64) -> Result<Counted, StoreError> {
        ask!(self, profiles.count(filter, most))
    }
}

#[async_trait]
impl ProfileSearch for Lagging {
    async fn search(&self, query: &ProfileSearchQuery) -> Result<SearchPage, StoreError> {
        ask!(self, search.search(query))
    }

    async fn count(
        &self,
        text: &SearchText,
        filter: &ProfileFilter,
        most: u32,
    ) -> Result<Counted, StoreError> {
        ask!(self, search.count(text, filter, most))
    }
}

#[async_trait]
impl Dependency for Lagging {
    fn name(&self) -> &'static str {
        "database_replica"
    }

    fn is_essential(&self) -> bool {
        false
    }

    async fn check(&self) -> Result<(), Source> {
        Ok(timeout(CHECK, self.replica.ping()).await??)
    }
}

#[async_trait]
impl Store for ReplicatedStore {
    fn profiles(&self) -> &dyn ProfileReader {
        self.primary.profiles()
    }

    fn search(&self) -> &dyn ProfileSearch {
        self.primary.search()
    }

    fn lagging_profiles(&self) -> Option<&dyn ProfileReader> {
        Some(&*self.lagging)
    }

    fn lagging_search(&self) -> Option<&dyn ProfileSearch> {
        Some(&*self.lagging)
    }

    fn sessions(&self) -> &dyn SessionReader {
        self.primary.sessions()
    }

    fn revocations(&self) -> &dyn RevocationReader {
        self.primary.revocations()
    }

    async fn replace_profile(&self, before: &Profile, after: &Profile) -> Result<(), StoreError> {
        self.primary.replace_profile(before, after).await
    }

    async fn patch_profile(
        &self,
        id: ProfileId,
        owner: Option<UserId>,
        patch: &ProfilePatch,
        now: DateTime<Utc>,
    ) -> Result<Option<Profile>, StoreError> {
        self.primary.patch_profile(id, owner, patch, now).await
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.primary.begin().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.primary.ping().await
    }
}
