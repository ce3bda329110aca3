//! The store: what is kept, and the unit of work that changes it.

use std::error::Error;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::avatar::AvatarLedger;
use crate::bulk::Accounts;
use crate::idempotency::IdempotencyKeys;
use crate::ids::{ProfileId, UserId};
use crate::preferences::StoredPreferences;
use crate::profile::{
    Profile, ProfileKey, ProfilePatch, ProfileReader, ProfileSearch, Profiles, SearchIndex,
};
use crate::revocation::{RevocationLog, RevocationReader};
use crate::session::{SessionReader, SessionUpkeep, Sessions};

/// A cause, for the log.
pub type Source = Box<dyn Error + Send + Sync>;

/// What a store may say no to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Profile ids are unique.
    ProfileId,
    /// A person has one profile.
    ProfileUser,
    /// A profile has one set of preferences.
    PreferencesProfile,
    /// Ids of preferences are unique.
    PreferencesId,
    /// An idempotency key is used once.
    IdempotencyKey,
    /// Session ids are unique.
    SessionId,
    /// A profile has one session of a token.
    SessionToken,
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A uniqueness rule would break.
    #[error("conflict with {0:?}")]
    Conflict(Constraint),
    /// Somebody else was faster (version, deadlock, serialisation, busy): the whole attempt may be repeated.
    #[error("the attempt lost a race")]
    Stale,
    /// The store cannot be reached, or not in time.
    #[error("the store is unavailable")]
    Unavailable(#[source] Source),
    /// A bug or a broken store.
    #[error("the store failed")]
    Internal(#[source] Source),
}

/// Too many wait for the store, or wait in vain: whoever comes is turned away at once. The cause of some
/// [`StoreError::Unavailable`].
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("too many wait for the store")]
pub struct Overload;

impl StoreError {
    /// Whether it is of an [`Overload`].
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::Unavailable(cause) if cause.is::<Overload>())
    }
}

/// Opens units of work and reads.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads outside a unit of work.
    fn profiles(&self) -> &dyn ProfileReader;

    /// Searches outside a unit of work.
    fn search(&self) -> &dyn ProfileSearch;

    /// As [`Store::profiles`], perhaps of some moments ago, where there is a place that answers so; for callers who
    /// cannot have made the change that is missing.
    fn lagging_profiles(&self) -> Option<&dyn ProfileReader> {
        None
    }

    /// As [`Store::search`], perhaps of some moments ago.
    fn lagging_search(&self) -> Option<&dyn ProfileSearch> {
        None
    }

    /// Reads outside a unit of work.
    fn sessions(&self) -> &dyn SessionReader;

    /// Reads outside a unit of work.
    fn revocations(&self) -> &dyn RevocationReader;

    /// [`Profiles::update`] as a unit of work of its own, for a profile that was read as `before`. MUST return `Stale`
    /// and change nothing unless that is the stored version.
    async fn replace_profile(&self, before: &Profile, after: &Profile) -> Result<(), StoreError> {
        let _ = before;
        update_profile(self, after).await
    }

    /// Changes a profile as [`ProfilePatch::apply`] does, as a unit of work of its own, and answers what is stored then.
    /// `None` where nothing changed: there is no such profile, it is not that of `owner`, or it is so already. MUST lose no
    /// concurrent change; MAY return `Stale`, and change nothing, where somebody else was faster. What follows from a
    /// change of `is_active` is left to the caller.
    async fn patch_profile(
        &self,
        id: ProfileId,
        owner: Option<UserId>,
        patch: &ProfilePatch,
        now: DateTime<Utc>,
    ) -> Result<Option<Profile>, StoreError> {
        patch_by_reading(self, id, owner, patch, now).await
    }

    /// Begins a unit of work.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}

/// [`Profiles::update`], and nothing else, in a unit of work.
pub async fn update_profile(
    store: &(impl Store + ?Sized),
    profile: &Profile,
) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.profiles().update(profile).await?;
    work.commit().await
}

/// [`Store::patch_profile`] by a read, and a write that holds only where nobody was faster.
pub async fn patch_by_reading(
    store: &(impl Store + ?Sized),
    id: ProfileId,
    owner: Option<UserId>,
    patch: &ProfilePatch,
    now: DateTime<Utc>,
) -> Result<Option<Profile>, StoreError> {
    let found = store.profiles().find(ProfileKey::Id(id)).await?;
    let Some(before) = found.filter(|it| owner.is_none_or(|owner| it.user_id == owner)) else {
        return Ok(None);
    };
    let mut after = before.clone();
    if !patch.apply(&mut after, now) {
        return Ok(None);
    }
    store.replace_profile(&before, &after).await?;
    Ok(Some(after))
}

/// Changes that are kept all or not at all. MUST be spent after any `Err`: every later call but a drop
/// is `Internal`. Dropping it leaves no trace.
#[async_trait]
pub trait UnitOfWork: Send {
    /// The profiles.
    fn profiles(&mut self) -> &mut dyn Profiles;

    /// Many accounts at once.
    fn accounts(&mut self) -> &mut dyn Accounts;

    /// The index of the search.
    fn search_index(&mut self) -> &mut dyn SearchIndex;

    /// The preferences.
    fn preferences(&mut self) -> &mut dyn StoredPreferences;

    /// The idempotency keys.
    fn idempotency_keys(&mut self) -> &mut dyn IdempotencyKeys;

    /// The sessions of a profile.
    fn sessions(&mut self) -> &mut dyn Sessions;

    /// The sessions of all.
    fn session_upkeep(&mut self) -> &mut dyn SessionUpkeep;

    /// The feed of revocations.
    fn revocations(&mut self) -> &mut dyn RevocationLog;

    /// The files of avatars that are nobody's, and the aliases.
    fn avatars(&mut self) -> &mut dyn AvatarLedger;

    /// Keeps the changes. What was committed survives a crash.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
