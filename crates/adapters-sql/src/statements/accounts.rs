//! What reads many accounts.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement};
use user_service_domain::ids::{PreferencesId, ProfileId, SessionId, UserId};

use super::{col, locked_profiles, padded};
use crate::entity::activity::UserProfileActivity as Activity;
use crate::entity::preferences::{self, UserPreferences as Preferences};
use crate::entity::profile::{self, UserProfiles};
use crate::entity::session::UserSessions as Sessions;

/// What the page of [`accounts_after`] is called.
const PAGE: &str = "page";

/// Profiles with their last logins and preferences, in the order of ids. The page is cut before anything is joined to it:
/// no engine is tempted to read all of the other tables for it.
pub fn accounts_after(after: Option<ProfileId>, limit: u32) -> SelectStatement {
    let page = Query::select()
        .columns(profile::READ)
        .from(UserProfiles::Table)
        .cond_where(
            Condition::all().add_option(after.map(|id| Expr::col(UserProfiles::Id).gt(id.get()))),
        )
        .order_by(UserProfiles::Id, Order::Asc)
        .limit(limit.into())
        .take();
    Query::select()
        .columns(profile::READ.map(|column| (PAGE, column)))
        .column((Activity::Table, Activity::LastLoginAt))
        .columns(preferences::READ.map(|column| (Preferences::Table, column)))
        .from_subquery(page, PAGE)
        .left_join(
            Activity::Table,
            Expr::col((Activity::Table, Activity::ProfileId)).equals((PAGE, UserProfiles::Id)),
        )
        .left_join(
            Preferences::Table,
            Expr::col((Preferences::Table, Preferences::ProfileId))
                .equals((PAGE, UserProfiles::Id)),
        )
        .order_by((PAGE, UserProfiles::Id), Order::Asc)
        .take()
}

/// The profiles of these people with their last logins, kept from change, locked in the order of ids.
pub fn lock_profiles_of(users: &[UserId]) -> SelectStatement {
    let users = padded(users.iter().map(|user| user.get()).collect());
    let mut select = locked_profiles();
    select
        .and_where(col(UserProfiles::UserId).is_in(users))
        .order_by((UserProfiles::Table, UserProfiles::Id), Order::Asc);
    select
}

/// The preferences of these profiles, kept from change.
pub fn preferences_of(profiles: &[ProfileId]) -> SelectStatement {
    let profiles = padded(profiles.iter().map(|id| id.get()).collect());
    Query::select()
        .columns(preferences::READ)
        .from(Preferences::Table)
        .and_where(Expr::col(Preferences::ProfileId).is_in(profiles))
        .order_by(Preferences::ProfileId, Order::Asc)
        .lock_exclusive()
        .take()
}

/// Those of these ids that a profile has.
pub fn taken_profiles(ids: &[ProfileId]) -> SelectStatement {
    let ids = padded(ids.iter().map(|id| id.get()).collect());
    Query::select()
        .column(UserProfiles::Id)
        .from(UserProfiles::Table)
        .and_where(Expr::col(UserProfiles::Id).is_in(ids))
        .take()
}

/// Those of these ids that preferences have.
pub fn taken_preferences(ids: &[PreferencesId]) -> SelectStatement {
    let ids = padded(ids.iter().map(|id| id.get()).collect());
    Query::select()
        .column(Preferences::Id)
        .from(Preferences::Table)
        .and_where(Expr::col(Preferences::Id).is_in(ids))
        .take()
}

/// Those of these ids that a session has.
pub fn taken_sessions(ids: &[SessionId]) -> SelectStatement {
    let ids = padded(ids.iter().map(|id| id.get()).collect());
    Query::select()
        .column(Sessions::Id)
        .from(Sessions::Table)
        .and_where(Expr::col(Sessions::Id).is_in(ids))
        .take()
}

/// What is kept of the tokens of these profiles.
pub fn tokens_of(profiles: &[ProfileId]) -> SelectStatement {
    let profiles = padded(profiles.iter().map(|id| id.get()).collect());
    Query::select()
        .columns([Sessions::ProfileId, Sessions::TokenDigest])
        .from(Sessions::Table)
        .and_where(Expr::col(Sessions::ProfileId).is_in(profiles))
        .take()
}
