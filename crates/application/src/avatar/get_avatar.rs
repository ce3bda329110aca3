//! Reads a picture.

use std::sync::Arc;

use user_service_domain::avatar::{Avatar, AvatarAlias, AvatarStore, Variant};
use user_service_domain::identity::Caller;
use user_service_domain::profile::{Profile, ProfileKey};
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::authz::{self, Policy};

/// What a reader wants of an avatar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This picture.
    Read(Variant),
    /// Nothing: they have this picture.
    Unchanged(Variant),
    /// Nothing: no picture of it is of a kind that they take.
    None,
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPicture {
    /// The profile has no avatar.
    Absent,
    /// The store of avatars is away.
    Unreachable,
    /// The store of avatars has lost it.
    Lost,
}

/// What there is to show.
#[derive(Clone, Debug, PartialEq)]
pub enum AvatarAnswer {
    /// A picture, as a whole file.
    Picture(Avatar, Variant, Vec<u8>),
    /// The reader has this picture.
    Unchanged(Avatar, Variant),
    /// The reader takes no kind of picture that there is.
    NotAcceptable,
    /// Something drawn in its stead.
    Drawing(Box<Profile>, NoPicture),
}

/// Reads a picture of a profile as its caller may see it.
pub struct GetAvatar {
    store: Arc<dyn Store>,
    files: Arc<dyn AvatarStore>,
    policy: Policy,
}

impl GetAvatar {
    /// How often the profile is read again because its avatar was replaced while its files were read.
    const TRIES: usize = 3;

    /// Over these stores and this policy.
    pub fn new(store: Arc<dyn Store>, files: Arc<dyn AvatarStore>, policy: Policy) -> Self {
        Self {
            store,
            files,
            policy,
        }
    }

    /// Whether the caller may see any avatar at all.
    pub fn admit(&self, caller: &Caller) -> Result<(), UseCaseError> {
        self.policy.admit_reader(caller)
    }

    /// The picture that `choose` wants. Errors: `Unauthenticated`, `ProfileNotFound`.
    #[tracing::instrument(name = "avatar.get", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        choose: impl Fn(&Avatar) -> Choice,
    ) -> Result<AvatarAnswer, UseCaseError> {
        self.admit(caller)?;
        let find = async || {
            let found = self.store.profiles().find(key).await?;
            let profile = found.ok_or(UseCaseError::ProfileNotFound)?;
            authz::sight(caller, &profile).ok_or(UseCaseError::ProfileNotFound)?;
            Ok(profile)
        };
        self.read(find, choose).await
    }

    /// The picture of whoever is active and known under this alias, for everybody. Errors: `ProfileNotFound`.
    #[tracing::instrument(name = "avatar.get_by_alias", skip_all)]
    pub async fn execute_by_alias(
        &self,
        alias: AvatarAlias,
        choose: impl Fn(&Avatar) -> Choice,
    ) -> Result<AvatarAnswer, UseCaseError> {
        let find = async || {
            let found = self.store.profiles().find_by_alias(alias).await?;
            found
                .filter(|profile| profile.is_active)
                .ok_or(UseCaseError::ProfileNotFound)
        };
        self.read(find, choose).await
    }

    async fn read(
        &self,
        find: impl AsyncFn() -> Result<Profile, UseCaseError>,
        choose: impl Fn(&Avatar) -> Choice,
    ) -> Result<AvatarAnswer, UseCaseError> {
        let mut missing = None;
        for _ in 0..Self::TRIES {
            let mut profile = find().await?;
            let Some(avatar) = profile.avatar.take() else {
                return Ok(AvatarAnswer::Drawing(profile.into(), NoPicture::Absent));
            };
            let variant = match choose(&avatar) {
                Choice::Read(variant) => variant,
                Choice::Unchanged(variant) => return Ok(AvatarAnswer::Unchanged(avatar, variant)),
                Choice::None => return Ok(AvatarAnswer::NotAcceptable),
            };
            match self.files.get(avatar.id, variant).await {
                Ok(Some(bytes)) => return Ok(AvatarAnswer::Picture(avatar, variant, bytes)),
                // It may have been replaced meanwhile; where it is still the same, it is lost.
                Ok(None) if missing == Some(avatar.id) => {
                    tracing::error!("the files of an avatar are lost");
                    return Ok(AvatarAnswer::Drawing(profile.into(), NoPicture::Lost));
                }
                Ok(None) => missing = Some(avatar.id),
                Err(error) => {
                    tracing::warn!(error = %error, "an avatar cannot be read");
                    let why = NoPicture::Unreachable;
                    return Ok(AvatarAnswer::Drawing(profile.into(), why));
                }
            }
        }
        let profile = find().await?;
        Ok(AvatarAnswer::Drawing(
            profile.into(),
            NoPicture::Unreachable,
        ))
    }
}
