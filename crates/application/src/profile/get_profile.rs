//! Reads one profile.

use std::sync::Arc;

use user_service_domain::identity::Caller;
use user_service_domain::profile::ProfileKey;
use user_service_domain::store::Store;

use super::ProfileView;
use crate::UseCaseError;
use crate::authz::{self, Policy};

/// Reads one profile as its caller may see it.
pub struct GetProfile {
    store: Arc<dyn Store>,
    policy: Policy,
}

impl GetProfile {
    /// Over this store and policy.
    pub fn new(store: Arc<dyn Store>, policy: Policy) -> Self {
        Self { store, policy }
    }

    /// Whether the caller may read any profile at all.
    pub fn admit(&self, caller: &Caller) -> Result<(), UseCaseError> {
        self.policy.admit_reader(caller)
    }

    /// The profile of this key; by [`ProfileKey::User`] with its preferences. One statement.
    #[tracing::instrument(name = "profile.get", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
    ) -> Result<ProfileView, UseCaseError> {
        self.admit(caller)?;
        let (profile, preferences) = match key {
            ProfileKey::Id(_) => (self.store.profiles().find(key).await?, None),
            ProfileKey::User(_) => match self.store.profiles().find_account(key).await? {
                Some(account) => (Some(account.profile), Some(account.preferences)),
                None => (None, None),
            },
        };
        let profile = profile.ok_or(UseCaseError::ProfileNotFound)?;
        let projection = authz::sight(caller, &profile).ok_or(UseCaseError::ProfileNotFound)?;
        Ok(ProfileView::new(profile, projection, preferences))
    }
}
