//! Reads about the files of avatars, and of profiles by their aliases.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::ids::AvatarId;

use super::{padded, profiles};
use crate::entity::avatar::{UserAvatarAliases as Alias, UserAvatarFiles as File};
use crate::entity::profile::UserProfiles;

/// The profile of an alias.
pub fn find_profile_by_alias(alias: AvatarAlias) -> SelectStatement {
    let mut select = profiles();
    select
        .inner_join(
            Alias::Table,
            Expr::col((Alias::Table, Alias::ProfileId))
                .equals((UserProfiles::Table, UserProfiles::Id)),
        )
        .and_where(Expr::col((Alias::Table, Alias::Alias)).eq(alias.0.to_vec()));
    select
}

/// The files that are nobody's, the longest due first.
pub fn due_avatar_files(now: DateTime<Utc>, limit: u32) -> SelectStatement {
    Query::select()
        .column(File::AvatarId)
        .from(File::Table)
        .and_where(Expr::col(File::DueAt).lte(now))
        .order_by(File::DueAt, Order::Asc)
        .limit(limit.into())
        .take()
}

/// Those of these ids that something is noted about.
pub fn noted_avatar_files(ids: &[AvatarId]) -> SelectStatement {
    Query::select()
        .column(File::AvatarId)
        .from(File::Table)
        .and_where(Expr::col(File::AvatarId).is_in(uuids(ids)))
        .take()
}

/// Those of these ids that a profile points at.
pub fn owned_avatars(ids: &[AvatarId]) -> SelectStatement {
    Query::select()
        .column(UserProfiles::AvatarId)
        .from(UserProfiles::Table)
        .and_where(Expr::col(UserProfiles::AvatarId).is_in(uuids(ids)))
        // What a partial index holds is only used where it is plain that nothing else is asked for.
        .and_where(Expr::col(UserProfiles::AvatarId).is_not_null())
        .take()
}

fn uuids(ids: &[AvatarId]) -> Vec<uuid::Uuid> {
    padded(ids.iter().map(|id| id.get()).collect())
}
