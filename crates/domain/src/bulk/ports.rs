//! Accounts, many at a time.

use async_trait::async_trait;

use crate::ids::{PreferencesId, ProfileId, UserId};
use crate::preferences::Preferences;
use crate::profile::{Account, Profile};
use crate::session::Session;
use crate::store::StoreError;

/// A profile with its preferences, which are missing where the row came past the service.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAccount {
    /// The profile.
    pub profile: Profile,
    /// Its preferences.
    pub preferences: Option<Preferences>,
}

impl From<Account> for StoredAccount {
    fn from(account: Account) -> Self {
        Self {
            profile: account.profile,
            preferences: Some(account.preferences),
        }
    }
}

/// An account that changes.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountChange {
    /// As it was found for update.
    pub before: StoredAccount,
    /// As it shall be; of the same ids.
    pub after: Account,
}

/// Ids that somebody has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenIds {
    /// Of profiles.
    pub profiles: Vec<ProfileId>,
    /// Of preferences.
    pub preferences: Vec<PreferencesId>,
}

/// A session of a person whose profile is not known yet: the session's own `profile_id` says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionOf {
    /// Whose.
    pub user_id: UserId,
    /// The session.
    pub session: Session,
}

/// Changes many accounts within a unit of work, by few statements. There may be any number of them; who has many begins
/// a unit of work for each few hundred.
#[async_trait]
pub trait Accounts: Send {
    /// The accounts of these people, kept from change until the unit of work ends, in no order. Who has none is left
    /// out. MUST see what this unit of work wrote.
    async fn find_for_update(&mut self, of: &[UserId]) -> Result<Vec<StoredAccount>, StoreError>;

    /// Those of these ids that somebody has.
    async fn taken(
        &mut self,
        profiles: &[ProfileId],
        preferences: &[PreferencesId],
    ) -> Result<TakenIds, StoreError>;

    /// Stores new accounts with their last logins; they can be searched for. MUST keep all or none, and return
    /// `Conflict(ProfileUser)`, `Conflict(ProfileId)` or `Conflict(PreferencesId)` when something is taken.
    async fn insert(&mut self, accounts: &[Account]) -> Result<(), StoreError>;

    /// Stores changed accounts, last logins too. MUST be given accounts that [`Self::find_for_update`] of this unit of
    /// work found, each once.
    async fn update(&mut self, changes: &[AccountChange]) -> Result<(), StoreError>;

    /// Stores sessions, but for those whose id or token is there. Answers how many. MUST return `Stale` when a profile
    /// is gone.
    async fn insert_sessions(&mut self, sessions: &[Session]) -> Result<u64, StoreError>;
}
