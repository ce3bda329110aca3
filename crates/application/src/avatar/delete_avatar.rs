//! Takes a profile's avatar away.

use std::sync::Arc;

use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::ids::AvatarId;
use user_service_domain::profile::ProfileKey;
use user_service_domain::store::Store;

use super::{RemoveFiles, check_pictures};
use crate::UseCaseError;
use crate::authz;
use crate::retry::retrying;
use crate::revision::IfMatch;

/// Takes a profile's avatar away.
pub struct DeleteAvatar {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    remove: RemoveFiles,
}

impl DeleteAvatar {
    /// Over this store and clock; files are removed by `remove`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, remove: RemoveFiles) -> Self {
        Self {
            store,
            clock,
            remove,
        }
    }

    /// The profile points at no picture any longer; the files go at once, or as soon as their store is back.
    /// Where there is none, nothing changes. Errors: `Forbidden`, `ProfileNotFound`, `PictureChanged`.
    #[tracing::instrument(name = "avatar.delete", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        if_match: Option<IfMatch>,
    ) -> Result<(), UseCaseError> {
        authz::known(caller)?;
        let removed = retrying(|| self.attempt(caller, key, if_match.as_ref())).await?;
        self.remove.now_or_later(removed).await;
        Ok(())
    }

    async fn attempt(
        &self,
        caller: &Caller,
        key: ProfileKey,
        if_match: Option<&IfMatch>,
    ) -> Result<Option<AvatarId>, UseCaseError> {
        let mut uow = self.store.begin().await?;
        let found = uow.profiles().find_for_update(key).await?;
        let mut profile = found.ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::UsersWrite)?;
        check_pictures(if_match, profile.avatar.as_ref())?;
        let elsewhere = profile.avatar_url.take();
        let old = profile.avatar.take();
        if old.is_none() && elsewhere.is_none() {
            return Ok(None);
        }
        let now = self.clock.now();
        profile.version += 1;
        profile.updated_at = now.max(profile.updated_at);
        uow.profiles().update(&profile).await?;
        uow.avatars().set_aliases(profile.id, &[]).await?;
        let old = old.map(|avatar| avatar.id);
        if let Some(id) = old {
            uow.avatars().note(id, now).await?;
        }
        uow.commit().await?;
        Ok(old)
    }
}
