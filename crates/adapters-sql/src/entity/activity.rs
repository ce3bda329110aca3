//! `user_profile_activity`

use sea_orm::DeriveIden;

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserProfileActivity {
    Table,
    ProfileId,
    LastLoginAt,
}
