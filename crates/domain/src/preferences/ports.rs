//! Where preferences are kept.

use async_trait::async_trait;

use super::Preferences;
use crate::ids::ProfileId;
use crate::store::StoreError;

/// Changes preferences within a unit of work. They go when their profile goes.
#[async_trait]
pub trait StoredPreferences: Send {
    /// Reads preferences and keeps others from changing them until the unit of work ends. Absent is
    /// `None`. MUST see what this unit of work wrote.
    async fn find_for_update(
        &mut self,
        profile: ProfileId,
    ) -> Result<Option<Preferences>, StoreError>;

    /// Stores new preferences. MUST return `Conflict(PreferencesProfile)` when the profile has some.
    async fn insert(&mut self, preferences: &Preferences) -> Result<(), StoreError>;

    /// Stores changed preferences whose version was raised by one. MUST return `Stale` unless the stored
    /// version is one less, or when they are gone.
    async fn update(&mut self, preferences: &Preferences) -> Result<(), StoreError>;
}
