//! Removes a profile.

use std::sync::Arc;

use user_service_domain::clock::Clock;
use user_service_domain::idempotency::ReplayCache;
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::ids::{AvatarId, ProfileId, UserId};
use user_service_domain::profile::ProfileKey;
use user_service_domain::revocation::{NewFeedEntry, Revocation};
use user_service_domain::store::Store;

use super::ProfileView;
use crate::UseCaseError;
use crate::authz::{self, Projection};
use crate::avatar::RemoveFiles;
use crate::retry::retrying;
use crate::revision::IfMatch;
use crate::revocation::Announcer;

/// Removes a profile and all that belongs to it.
pub struct DeleteProfile {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    announcer: Announcer,
    replays: Arc<dyn ReplayCache>,
    files: RemoveFiles,
}

impl DeleteProfile {
    /// Over this store and clock; the announcer and the cache of responses are told, and `files` removes the
    /// avatar's.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        announcer: Announcer,
        replays: Arc<dyn ReplayCache>,
        files: RemoveFiles,
    ) -> Self {
        Self {
            store,
            clock,
            announcer,
            replays,
            files,
        }
    }

    /// Removes it; tokens that were issued until now are refused from then on. Errors: `Forbidden`, `ProfileNotFound`, `PreconditionFailed`.
    #[tracing::instrument(name = "profile.delete", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        if_match: Option<IfMatch>,
    ) -> Result<(), UseCaseError> {
        authz::known(caller)?;
        let removed = retrying(|| self.attempt(caller, key, if_match.as_ref())).await?;
        let (user_id, id, avatar) = removed;
        self.announcer.changed(user_id).await;
        self.files.now_or_later(avatar).await;
        if self.replays.forget(id).await.is_err() {
            tracing::warn!("cached responses about a removed profile live on until they lapse");
        }
        Ok(())
    }

    async fn attempt(
        &self,
        caller: &Caller,
        key: ProfileKey,
        if_match: Option<&IfMatch>,
    ) -> Result<(UserId, ProfileId, Option<AvatarId>), UseCaseError> {
        let mut uow = self.store.begin().await?;
        let found = uow.profiles().find_for_update(key).await?;
        let profile = found.ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::UsersWrite)?;
        let preferences = match key {
            ProfileKey::Id(_) => None,
            ProfileKey::User(_) => uow.preferences().find_for_update(profile.id).await?,
        };
        let projection = authz::sight(caller, &profile).unwrap_or(Projection::Public);
        let (user_id, id) = (profile.user_id, profile.id);
        let avatar = profile.avatar.as_ref().map(|avatar| avatar.id);
        IfMatch::check(
            if_match,
            &ProfileView::new(profile, projection, preferences).revision,
        )?;
        uow.profiles().delete(id).await?;
        let now = self.clock.now();
        if let Some(avatar) = avatar {
            uow.avatars().note(avatar, now).await?;
        }
        let entry = NewFeedEntry {
            user_id,
            at: now,
            revocation: Revocation::AccountRemoved,
        };
        uow.revocations().append(&[entry]).await?;
        uow.commit().await?;
        Ok((user_id, id, avatar))
    }
}
