//! Reads preferences.

use std::sync::Arc;

use user_service_domain::identity::{Caller, Scope};
use user_service_domain::preferences::Preferences;
use user_service_domain::profile::ProfileKey;
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::authz;

/// Reads preferences.
pub struct GetPreferences {
    store: Arc<dyn Store>,
}

impl GetPreferences {
    /// Over this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The preferences of this profile. One statement. Errors: `Forbidden`, `ProfileNotFound`.
    #[tracing::instrument(name = "preferences.get", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
    ) -> Result<Preferences, UseCaseError> {
        authz::known(caller)?;
        let account = self
            .store
            .profiles()
            .find_account(key)
            .await?
            .ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &account.profile, Scope::PreferencesRead)?;
        Ok(account.preferences)
    }
}
