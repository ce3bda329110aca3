//! Reads one profile.

use std::sync::Arc;

use user_service_domain::identity::Caller;
use user_service_domain::ids::UserId;
use user_service_domain::profile::{Account, Profile, ProfileKey};
use user_service_domain::store::{Store, StoreError};

use super::{ProfileView, ProvisionProfile};
use crate::UseCaseError;
use crate::authz::{self, Policy};

/// Reads one profile as its caller may see it.
pub struct GetProfile {
    store: Arc<dyn Store>,
    policy: Policy,
    provision: Option<Arc<ProvisionProfile>>,
}

impl GetProfile {
    /// Over this store and policy; `provision` makes the profile of who asks for their own and has none.
    pub fn new(
        store: Arc<dyn Store>,
        policy: Policy,
        provision: Option<Arc<ProvisionProfile>>,
    ) -> Self {
        Self {
            store,
            policy,
            provision,
        }
    }

    /// Whether the caller may read any profile at all.
    pub fn admit(&self, caller: &Caller) -> Result<(), UseCaseError> {
        self.policy.admit_reader(caller)
    }

    /// The profile of this key; by [`ProfileKey::User`] with its preferences. One statement, but where a replica is asked
    /// first.
    #[tracing::instrument(name = "profile.get", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
    ) -> Result<ProfileView, UseCaseError> {
        self.admit(caller)?;
        let (profile, preferences) = match key {
            ProfileKey::Id(_) => (self.find(caller, key).await?, None),
            ProfileKey::User(user_id) => match self.find_account(caller, user_id).await? {
                Some(account) => (Some(account.profile), Some(account.preferences)),
                None => (None, None),
            },
        };
        let profile = profile.ok_or(UseCaseError::ProfileNotFound)?;
        let projection = authz::sight(caller, &profile).ok_or(UseCaseError::ProfileNotFound)?;
        Ok(ProfileView::new(profile, projection, preferences))
    }

    /// As it is for whoever may have changed it just now; for others perhaps as it was some moments ago.
    async fn find(&self, caller: &Caller, key: ProfileKey) -> Result<Option<Profile>, StoreError> {
        if let Some(lagging) = authz::lagging(caller, self.store.lagging_profiles()) {
            let found = lagging.find(key).await?;
            if !found
                .as_ref()
                .is_some_and(|profile| authz::owns(caller, profile))
            {
                return Ok(found);
            }
        }
        self.store.profiles().find(key).await
    }

    async fn find_account(
        &self,
        caller: &Caller,
        user_id: UserId,
    ) -> Result<Option<Account>, UseCaseError> {
        let key = ProfileKey::User(user_id);
        let found = self.store.profiles().find_account(key).await?;
        match (&self.provision, caller) {
            (Some(provision), Caller::Known(own)) if found.is_none() && own.user_id == user_id => {
                provision.execute(own).await?;
                Ok(self.store.profiles().find_account(key).await?)
            }
            _ => Ok(found),
        }
    }
}
