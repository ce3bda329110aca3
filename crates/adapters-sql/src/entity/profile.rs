//! `user_profiles`

use sea_orm::sea_query::Value;
use sea_orm::{DbErr, DeriveIden};
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{Bio, DisplayName, Location, PhoneNumber, Profile, Website};

use super::{Columns, avatar};

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserProfiles {
    Table,
    Id,
    UserId,
    DisplayName,
    NameKey,
    SearchText,
    SearchVersion,
    Bio,
    AvatarId,
    AvatarDigest,
    AvatarFallback,
    AvatarThumbhash,
    AvatarUrl,
    Location,
    Website,
    PhoneNumber,
    IsVerified,
    IsActive,
    Version,
    CreatedAt,
    UpdatedAt,
}

use UserProfiles as C;

/// What a read selects from the table; `last_login_at` follows.
pub(crate) const READ: [UserProfiles; 17] = [
    C::Id,
    C::UserId,
    C::DisplayName,
    C::Bio,
    C::AvatarId,
    C::AvatarDigest,
    C::AvatarFallback,
    C::AvatarThumbhash,
    C::AvatarUrl,
    C::Location,
    C::Website,
    C::PhoneNumber,
    C::IsVerified,
    C::IsActive,
    C::Version,
    C::CreatedAt,
    C::UpdatedAt,
];

/// Reads [`READ`] and `last_login_at`.
pub(crate) fn read(row: &mut Columns<'_>) -> Result<Profile, DbErr> {
    Ok(Profile {
        id: ProfileId::new(row.take()?),
        user_id: UserId::new(row.take()?),
        display_name: DisplayName::stored(row.take()?),
        bio: row.maybe::<String>()?.map(Bio::stored),
        avatar: avatar::read(row)?,
        avatar_url: row.maybe()?,
        location: row.maybe::<String>()?.map(Location::stored),
        website: row.maybe::<String>()?.map(Website::stored),
        phone_number: row.maybe::<String>()?.map(PhoneNumber::stored),
        is_verified: row.take()?,
        is_active: row.take()?,
        version: row.take()?,
        created_at: row.take()?,
        updated_at: row.take()?,
        last_login_at: row.maybe()?,
    })
}

/// What an update may change.
pub(crate) fn changeable(profile: &Profile) -> [(UserProfiles, Value); 16] {
    let [id, digest, fallback, thumbhash] = avatar::values(profile.avatar.as_ref());
    [
        (C::DisplayName, profile.display_name.as_str().into()),
        (C::NameKey, profile.name_key().into()),
        (C::SearchText, profile.search_text().into()),
        (C::Bio, profile.bio.as_ref().map(Bio::as_str).into()),
        (C::AvatarId, id),
        (C::AvatarDigest, digest),
        (C::AvatarFallback, fallback),
        (C::AvatarThumbhash, thumbhash),
        (C::AvatarUrl, profile.avatar_url.as_deref().into()),
        (
            C::Location,
            profile.location.as_ref().map(Location::as_str).into(),
        ),
        (
            C::Website,
            profile.website.as_ref().map(Website::as_str).into(),
        ),
        (
            C::PhoneNumber,
            profile
                .phone_number
                .as_ref()
                .map(PhoneNumber::as_str)
                .into(),
        ),
        (C::IsVerified, profile.is_verified.into()),
        (C::IsActive, profile.is_active.into()),
        (C::Version, profile.version.into()),
        (C::UpdatedAt, profile.updated_at.into()),
    ]
}

/// What only an insert writes.
pub(crate) fn fixed(profile: &Profile) -> [(UserProfiles, Value); 3] {
    [
        (C::Id, profile.id.get().into()),
        (C::UserId, profile.user_id.get().into()),
        (C::CreatedAt, profile.created_at.into()),
    ]
}
