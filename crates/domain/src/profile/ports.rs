//! Where profiles are kept.

use async_trait::async_trait;

use super::{
    Account, Counted, Profile, ProfileFilter, ProfileQuery, ProfileSearchQuery, SearchPage,
};
use crate::avatar::AvatarAlias;
use crate::bulk::StoredAccount;
use crate::ids::{ProfileId, UserId};
use crate::store::StoreError;
use crate::text::SearchText;

/// The two ways to name a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileKey {
    /// By its own id.
    Id(ProfileId),
    /// By its person: `me` in a path.
    User(UserId),
}

/// Reads profiles outside a unit of work, one statement each.
#[async_trait]
pub trait ProfileReader: Send + Sync {
    /// Absent is `None`. MUST return exactly what was stored, to the microsecond.
    async fn find(&self, key: ProfileKey) -> Result<Option<Profile>, StoreError>;

    /// The profile with its preferences, of one moment. Absent is `None`.
    async fn find_account(&self, key: ProfileKey) -> Result<Option<Account>, StoreError>;

    /// The profile that is known under this alias. Absent is `None`.
    async fn find_by_alias(&self, alias: AvatarAlias) -> Result<Option<Profile>, StoreError>;

    /// A page. MUST hold each matching profile once over all pages, in a stable order also among equal
    /// sort keys.
    async fn list(&self, query: &ProfileQuery) -> Result<Vec<Profile>, StoreError>;

    /// Accounts in the order of their profiles' ids (byte by byte), after this id, so many at most; fewer only at the
    /// end. Each is of one moment.
    async fn accounts_after(
        &self,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<StoredAccount>, StoreError>;

    /// How many profiles match; counting stops at `most`, and where there are more it is `AtLeast(most)`.
    async fn count(&self, filter: &ProfileFilter, most: u64) -> Result<Counted, StoreError>;
}

/// Finds profiles by words of their names and locations.
///
/// What matches, and how well, is [`SearchText::rank`], on every store.
#[async_trait]
pub trait ProfileSearch: Send + Sync {
    /// A page, the best matches first; the order among equals is the store's own, but always the same. MUST
    /// hold each match once over all pages. MUST do no more than a bounded amount of work whatever the text,
    /// the filter and the stored names are: what is left then is for [`SearchPage::rest`].
    async fn search(&self, query: &ProfileSearchQuery) -> Result<SearchPage, StoreError>;

    /// How many profiles match, by looking at about `most` profiles at most.
    async fn count(
        &self,
        text: &SearchText,
        filter: &ProfileFilter,
        most: u32,
    ) -> Result<Counted, StoreError>;
}

/// Keeps the index of the search. Inserts and updates of [`Profiles`] keep it up by themselves; this is for
/// profiles that came another way, and to build it anew.
#[async_trait]
pub trait SearchIndex: Send {
    /// Indexes profiles that are not yet, so many at most and none that somebody else works on. Answers how
    /// many.
    async fn index_pending(&mut self, limit: u32) -> Result<u64, StoreError>;

    /// Indexes anew the profiles after this id, so many at most. Answers how many, and the last of them.
    async fn index_after(
        &mut self,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Option<(u64, ProfileId)>, StoreError>;
}

/// Changes profiles within a unit of work.
#[async_trait]
pub trait Profiles: Send {
    /// Reads a profile and keeps others from changing it until the unit of work ends. Absent is `None`.
    /// MUST see what this unit of work wrote.
    async fn find_for_update(&mut self, key: ProfileKey) -> Result<Option<Profile>, StoreError>;

    /// Stores a new profile. MUST return `Conflict(ProfileUser)` when the person has one, and
    /// `Conflict(ProfileId)` when the id is taken.
    async fn insert(&mut self, profile: &Profile) -> Result<(), StoreError>;

    /// Stores a changed profile whose version was raised by one. MUST return `Stale` unless the stored
    /// version is one less, or when the profile is gone. `last_login_at` is not written.
    async fn update(&mut self, profile: &Profile) -> Result<(), StoreError>;

    /// Removes a profile with its preferences, sessions, activity and stored responses. Answers whether
    /// there was one.
    async fn delete(&mut self, id: ProfileId) -> Result<bool, StoreError>;
}
