//! The avatar's columns in `user_profiles`, and the tables `user_avatar_files` and `user_avatar_aliases`

use sea_orm::sea_query::Value;
use sea_orm::{DbErr, DeriveIden};
use user_service_domain::avatar::{Avatar, AvatarDigest, PictureFormat, Thumbhash};
use user_service_domain::ids::AvatarId;
use uuid::Uuid;

use super::{Columns, unreadable};

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserAvatarFiles {
    Table,
    AvatarId,
    DueAt,
}

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserAvatarAliases {
    Table,
    Alias,
    ProfileId,
}

/// Reads `avatar_id`, `avatar_digest`, `avatar_fallback` and `avatar_thumbhash`.
pub(super) fn read(row: &mut Columns<'_>) -> Result<Option<Avatar>, DbErr> {
    let id: Option<Uuid> = row.maybe()?;
    let digest: Option<Vec<u8>> = row.maybe()?;
    let fallback: Option<String> = row.maybe()?;
    let thumbhash: Option<String> = row.maybe()?;
    match (id, digest, fallback, thumbhash) {
        (Some(id), Some(digest), Some(fallback), Some(thumbhash)) => Ok(Some(Avatar {
            id: AvatarId::new(id),
            digest: AvatarDigest(digest.try_into().map_err(|_| unreadable("avatar_digest"))?),
            fallback: PictureFormat::named(&fallback)
                .ok_or_else(|| unreadable("avatar_fallback"))?,
            thumbhash: Thumbhash::new(thumbhash),
        })),
        (None, None, None, None) => Ok(None),
        _ => Err(unreadable("avatar_id")),
    }
}

/// What [`read`] reads.
pub(super) fn values(avatar: Option<&Avatar>) -> [Value; 4] {
    [
        avatar.map(|avatar| avatar.id.get()).into(),
        avatar.map(|avatar| avatar.digest.0.to_vec()).into(),
        avatar.map(|avatar| avatar.fallback.as_str()).into(),
        avatar.map(|avatar| avatar.thumbhash.as_str()).into(),
    ]
}

/// Reads an id alone.
pub(crate) fn read_id(row: &mut Columns<'_>) -> Result<AvatarId, DbErr> {
    row.take().map(AvatarId::new)
}
