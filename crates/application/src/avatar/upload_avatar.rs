//! Gives a profile a new avatar.

use std::sync::Arc;

use chrono::TimeDelta;
use user_service_domain::avatar::{Avatar, AvatarRenderer, AvatarStore, Focus};
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::ids::{AvatarId, IdGenerator};
use user_service_domain::profile::ProfileKey;
use user_service_domain::store::{Store, StoreError};

use super::{RemoveFiles, alias, check_pictures};
use crate::UseCaseError;
use crate::authz::{self, Projection};
use crate::profile::{ProfileView, Receipt};
use crate::retry::retrying;
use crate::revision::IfMatch;

/// What somebody sent.
#[derive(Clone, Debug)]
pub struct NewAvatar {
    /// The file, whatever it is.
    pub upload: Vec<u8>,
    /// What the square is cut around.
    pub focus: Focus,
}

/// Gives a profile a new avatar.
pub struct UploadAvatar {
    store: Arc<dyn Store>,
    files: Arc<dyn AvatarStore>,
    renderer: Arc<dyn AvatarRenderer>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    remove: RemoveFiles,
    keeps_aliases: bool,
}

impl UploadAvatar {
    /// How long files may be there before a profile points at them: longer than any upload takes.
    const LEASE: TimeDelta = TimeDelta::hours(1);
    /// How much of the lease must be left: the clocks of replicas differ by less.
    const MARGIN: TimeDelta = TimeDelta::minutes(10);

    /// Over these stores, this renderer, clock and generator; old files are removed by `remove`.
    /// `keeps_aliases` makes avatars known by e-mail address and user id.
    pub fn new(
        store: Arc<dyn Store>,
        files: Arc<dyn AvatarStore>,
        renderer: Arc<dyn AvatarRenderer>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        remove: RemoveFiles,
        keeps_aliases: bool,
    ) -> Self {
        Self {
            store,
            files,
            renderer,
            clock,
            ids,
            remove,
            keeps_aliases,
        }
    }

    /// Whether the caller may do this; asked before the upload is read.
    pub async fn authorise(&self, caller: &Caller, key: ProfileKey) -> Result<(), UseCaseError> {
        authz::known(caller)?;
        let found = self.store.profiles().find(key).await?;
        let profile = found.ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::UsersWrite)
    }

    /// The profile with its new avatar. Readers see the old pictures until the new ones are all kept. Errors:
    /// `ImageRefused`, `Busy`, `AvatarsUnavailable`, `Forbidden`, `ProfileNotFound`, `PictureChanged`.
    #[tracing::instrument(name = "avatar.upload", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        new: NewAvatar,
        if_match: Option<IfMatch>,
        receipt: Option<Receipt<'_>>,
    ) -> Result<ProfileView, UseCaseError> {
        let rendered = self.renderer.render(new.upload, new.focus).await?;
        let id = AvatarId::new(self.ids.next());
        retrying(|| self.note(id)).await?;
        // Where this fails, or all ends here, the note tells of the files.
        self.files.put(id, &rendered.pictures).await?;
        let avatar = Avatar {
            id,
            digest: rendered.digest,
            fallback: rendered.fallback,
            thumbhash: rendered.thumbhash,
        };
        let swap = || self.swap(caller, key, &avatar, if_match.as_ref(), receipt.as_ref());
        let (view, old) = retrying(swap).await?;
        self.remove.now_or_later(old).await;
        Ok(view)
    }

    async fn note(&self, id: AvatarId) -> Result<(), UseCaseError> {
        let mut uow = self.store.begin().await?;
        let due = self.clock.now() + Self::LEASE;
        uow.avatars().note(id, due).await?;
        Ok(uow.commit().await?)
    }

    /// Moves the pointer. Answers which files are nobody's then.
    async fn swap(
        &self,
        caller: &Caller,
        key: ProfileKey,
        avatar: &Avatar,
        if_match: Option<&IfMatch>,
        receipt: Option<&Receipt<'_>>,
    ) -> Result<(ProfileView, Option<AvatarId>), UseCaseError> {
        let own = authz::known(caller)?;
        let mut uow = self.store.begin().await?;
        let found = uow.profiles().find_for_update(key).await?;
        let mut profile = found.ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::UsersWrite)?;
        check_pictures(if_match, profile.avatar.as_ref())?;
        let now = self.clock.now();
        if !uow.avatars().claim(avatar.id, now + Self::MARGIN).await? {
            let late = "the pictures took longer to keep than they may";
            return Err(StoreError::Unavailable(late.into()).into());
        }
        let old = profile.avatar.replace(avatar.clone()).map(|old| old.id);
        profile.avatar_url = None;
        profile.version += 1;
        profile.updated_at = now.max(profile.updated_at);
        uow.profiles().update(&profile).await?;
        if let Some(old) = old {
            uow.avatars().note(old, now).await?;
        }
        if self.keeps_aliases {
            if own.user_id == profile.user_id {
                let aliases = alias::of_caller(own);
                uow.avatars().set_aliases(profile.id, &aliases).await?;
            } else if old.is_none() {
                let aliases = [alias::of_user(profile.user_id)];
                uow.avatars().set_aliases(profile.id, &aliases).await?;
            }
        }
        let projection = authz::sight(caller, &profile).unwrap_or(Projection::Public);
        let view = ProfileView::new(profile, projection, None);
        if let Some(receipt) = receipt {
            let response = (receipt.render)(&view);
            uow.idempotency_keys()
                .complete(receipt.key, view.profile.id, &response)
                .await?;
        }
        uow.commit().await?;
        Ok((view, old))
    }
}
