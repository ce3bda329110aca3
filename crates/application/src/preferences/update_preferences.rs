//! Changes preferences.

use std::sync::Arc;

use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::ids::ProfileId;
use user_service_domain::preferences::{Preferences, PreferencesPatch};
use user_service_domain::profile::ProfileKey;
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::authz;
use crate::retry::retrying;
use crate::revision::{IfMatch, Revision};

/// Changes preferences.
pub struct UpdatePreferences {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl UpdatePreferences {
    /// Over this store and clock.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Whether the caller may change these preferences, and whose they are. Ownership never changes, so
    /// it is read before the unit of work.
    pub async fn authorise(
        &self,
        caller: &Caller,
        key: ProfileKey,
    ) -> Result<ProfileId, UseCaseError> {
        authz::known(caller)?;
        let profile = self
            .store
            .profiles()
            .find(key)
            .await?
            .ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::PreferencesWrite)?;
        Ok(profile.id)
    }

    /// The preferences after the change. Errors: `Forbidden`, `ProfileNotFound`, `PreconditionFailed`,
    /// `Invalid` for `custom_settings` that are too large once merged.
    #[tracing::instrument(name = "preferences.update", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        patch: PreferencesPatch,
        if_match: Option<IfMatch>,
    ) -> Result<Preferences, UseCaseError> {
        let profile = self.authorise(caller, key).await?;
        retrying(|| self.attempt(profile, patch.clone(), if_match.as_ref())).await
    }

    async fn attempt(
        &self,
        profile: ProfileId,
        patch: PreferencesPatch,
        if_match: Option<&IfMatch>,
    ) -> Result<Preferences, UseCaseError> {
        let mut uow = self.store.begin().await?;
        let found = uow.preferences().find_for_update(profile).await?;
        let mut preferences = found.ok_or(UseCaseError::ProfileNotFound)?;
        IfMatch::check(if_match, &Revision::of_preferences(&preferences))?;
        let changed = patch
            .apply(&mut preferences, self.clock.now())
            .map_err(|fault| UseCaseError::Invalid("custom_settings", fault))?;
        if changed {
            uow.preferences().update(&preferences).await?;
            uow.commit().await?;
        }
        Ok(preferences)
    }
}
