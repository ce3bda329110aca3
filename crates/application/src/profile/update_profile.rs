//! Changes a profile.

use std::sync::Arc;

use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::profile::{ProfileKey, ProfilePatch};
use user_service_domain::revocation::{NewFeedEntry, Revocation};
use user_service_domain::store::Store;

use super::ProfileView;
use crate::UseCaseError;
use crate::authz::{self, Projection};
use crate::retry::retrying;
use crate::revision::IfMatch;
use crate::revocation::Announcer;

/// Changes a profile.
pub struct UpdateProfile {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    announcer: Announcer,
}

impl UpdateProfile {
    /// Over this store, clock and announcer.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, announcer: Announcer) -> Self {
        Self {
            store,
            clock,
            announcer,
        }
    }

    /// Whether the caller may change this profile at all; asked where the request is faulty, so that a
    /// stranger learns nothing from the faults.
    pub async fn authorise(&self, caller: &Caller, key: ProfileKey) -> Result<(), UseCaseError> {
        authz::known(caller)?;
        let profile = self
            .store
            .profiles()
            .find(key)
            .await?
            .ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::UsersWrite)
    }

    /// The profile after the change. No concurrent change of other members is lost. Errors: `Forbidden`,
    /// `ProfileNotFound`, `PreconditionFailed`.
    #[tracing::instrument(name = "profile.update", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        patch: ProfilePatch,
        if_match: Option<IfMatch>,
    ) -> Result<ProfileView, UseCaseError> {
        authz::known(caller)?;
        let changes_account = patch.is_active.is_some();
        let view = retrying(|| self.attempt(caller, key, patch.clone(), if_match.as_ref())).await?;
        if changes_account {
            self.announcer.changed(view.profile.user_id).await;
        }
        Ok(view)
    }

    async fn attempt(
        &self,
        caller: &Caller,
        key: ProfileKey,
        patch: ProfilePatch,
        if_match: Option<&IfMatch>,
    ) -> Result<ProfileView, UseCaseError> {
        let mut uow = self.store.begin().await?;
        let found = uow.profiles().find_for_update(key).await?;
        let mut profile = found.ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::UsersWrite)?;
        if patch.changes_standing() {
            authz::admit_standing(caller)?;
        }
        // `/users/me` shows preferences, so they are part of what its validator names.
        let preferences = match key {
            ProfileKey::Id(_) => None,
            ProfileKey::User(_) => uow.preferences().find_for_update(profile.id).await?,
        };
        let projection = authz::sight(caller, &profile).unwrap_or(Projection::Public);
        let before = ProfileView::new(profile.clone(), projection, preferences);
        IfMatch::check(if_match, &before.revision)?;
        let now = self.clock.now();
        if !patch.apply(&mut profile, now) {
            return Ok(before);
        }
        uow.profiles().update(&profile).await?;
        if profile.is_active != before.profile.is_active {
            let revocation = if profile.is_active {
                Revocation::AccountReactivated
            } else {
                Revocation::AccountDeactivated
            };
            let entry = NewFeedEntry {
                user_id: profile.user_id,
                at: now,
                revocation,
            };
            uow.revocations().append(&[entry]).await?;
        }
        uow.commit().await?;
        let projection = authz::sight(caller, &profile).unwrap_or(Projection::Public);
        Ok(ProfileView::new(profile, projection, before.preferences))
    }
}
