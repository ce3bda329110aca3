//! Removes a profile.

use std::sync::Arc;

use user_service_domain::identity::{Caller, Scope};
use user_service_domain::profile::ProfileKey;
use user_service_domain::store::Store;

use super::ProfileView;
use crate::UseCaseError;
use crate::authz::{self, Projection};
use crate::retry::retrying;
use crate::revision::IfMatch;

/// Removes a profile and all that belongs to it.
pub struct DeleteProfile {
    store: Arc<dyn Store>,
}

impl DeleteProfile {
    /// Over this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Removes it. Errors: `Forbidden`, `ProfileNotFound`, `PreconditionFailed`.
    #[tracing::instrument(name = "profile.delete", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        if_match: Option<IfMatch>,
    ) -> Result<(), UseCaseError> {
        authz::known(caller)?;
        retrying(|| self.attempt(caller, key, if_match.as_ref())).await
    }

    async fn attempt(
        &self,
        caller: &Caller,
        key: ProfileKey,
        if_match: Option<&IfMatch>,
    ) -> Result<(), UseCaseError> {
        let mut uow = self.store.begin().await?;
        let found = uow.profiles().find_for_update(key).await?;
        let profile = found.ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::UsersWrite)?;
        let preferences = match key {
            ProfileKey::Id(_) => None,
            ProfileKey::User(_) => uow.preferences().find_for_update(profile.id).await?,
        };
        let projection = authz::sight(caller, &profile).unwrap_or(Projection::Public);
        let id = profile.id;
        IfMatch::check(
            if_match,
            &ProfileView::new(profile, projection, preferences).revision,
        )?;
        uow.profiles().delete(id).await?;
        Ok(uow.commit().await?)
    }
}
