//! Reads one profile.

use std::sync::Arc;

use user_service_domain::identity::Caller;
use user_service_domain::ids::UserId;
use user_service_domain::profile::{Account, ProfileKey};
use user_service_domain::store::Store;

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
            ProfileKey::User(user_id) => match self.find_account(caller, user_id).await? {
                Some(account) => (Some(account.profile), Some(account.preferences)),
                None => (None, None),
            },
        };
        let profile = profile.ok_or(UseCaseError::ProfileNotFound)?;
        let projection = authz::sight(caller, &profile).ok_or(UseCaseError::ProfileNotFound)?;
        Ok(ProfileView::new(profile, projection, preferences))
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
