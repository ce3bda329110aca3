//! What the reads run, and the change that is one statement.

mod accounts;
mod avatars;
mod patches;
mod revocations;
mod search;
mod sessions;

use sea_orm::sea_query::{
    Asterisk, Condition, Expr, ExprTrait, IntoCondition, Order, Query, SelectStatement,
};
use user_service_domain::profile::{
    KeyValue, Keyset, Position, ProfileFilter, ProfileKey, ProfileOrder, ProfileQuery, SortBy,
};

use crate::entity::activity::UserProfileActivity as Activity;
use crate::entity::preferences::{self, UserPreferences};
use crate::entity::profile::{self, UserProfiles};

pub use accounts::{
    accounts_after, lock_profiles_of, preferences_of, taken_preferences, taken_profiles,
    taken_sessions, tokens_of,
};
pub use avatars::{due_avatar_files, find_profile_by_alias, noted_avatar_files, owned_avatars};
pub use patches::patch_profile;
pub(crate) use patches::{SETS, returns_what_it_changed, set_of, values_of_patch};
pub use revocations::{last_revocation, outlived_revocations, revocations_after};
pub use search::{
    Beginning, Extent, TermKind, candidates, candidates_by_name, known_words, postings_of_word,
    postings_of_words, profiles_to_index, searched, unindexed_profiles, words_from_term,
    words_of_term, words_of_terms,
};
pub use sessions::{
    active_sessions, addressed_sessions, count_active_sessions, find_session,
    find_session_by_token, lapsed_sessions, list_sessions, outlived_sessions, renewable_sessions,
    standing,
};

/// How many ids one statement lists.
pub(crate) const MOST_IDS: usize = 1024;

/// One profile.
pub fn find_profile(key: ProfileKey) -> SelectStatement {
    let mut select = profiles();
    select.and_where(is(key));
    select
}

/// One profile with its preferences.
pub fn find_account(key: ProfileKey) -> SelectStatement {
    let mut select = profiles();
    select
        .columns(preferences::READ.map(|column| (UserPreferences::Table, column)))
        .inner_join(
            UserPreferences::Table,
            Expr::col((UserPreferences::Table, UserPreferences::ProfileId))
                .equals((UserProfiles::Table, UserProfiles::Id)),
        )
        .and_where(is(key));
    select
}

/// A page of profiles, and some more: see [`rounded`].
pub fn list_profiles(query: &ProfileQuery) -> SelectStatement {
    let mut select = profiles();
    let order = if query.order.descending {
        Order::Desc
    } else {
        Order::Asc
    };
    select
        .cond_where(matching(&query.filter))
        .order_by(
            (UserProfiles::Table, sort_column(query.order.by)),
            order.clone(),
        )
        .order_by((UserProfiles::Table, UserProfiles::Id), order)
        .limit(rounded(query.limit).into());
    match &query.position {
        Position::Offset(0) => {}
        Position::Offset(rows) => {
            select.offset((*rows).into());
        }
        Position::After(place) => {
            select.cond_where(after(query.order, place));
        }
    }
    select
}

/// How many profiles match, as far as `most`.
pub fn count_profiles(filter: &ProfileFilter, most: u64) -> SelectStatement {
    let matching = Query::select()
        .expr(Expr::cust("1"))
        .from(UserProfiles::Table)
        .cond_where(matching(filter))
        // What is more than the engines count to is no limit.
        .limit(Ord::min(most, i64::MAX.unsigned_abs()))
        .take();
    Query::select()
        .expr(Expr::col(Asterisk).count())
        .from_subquery(matching, "matching")
        .take()
}

/// One profile, kept from change. `last_login_at` is read apart so that only the profile's row is locked;
/// where there is no `FOR UPDATE` (SQLite) the unit of work is the only writer anyway.
pub(crate) fn lock_profile(key: ProfileKey) -> SelectStatement {
    let mut select = locked_profiles();
    select.and_where(is(key));
    select
}

/// Profiles with their last logins, kept from change.
fn locked_profiles() -> SelectStatement {
    Query::select()
        .columns(profile::READ.map(|column| (UserProfiles::Table, column)))
        .expr(Expr::from(last_login()))
        .from(UserProfiles::Table)
        .lock_exclusive()
        .take()
}

/// The last login of the profile that is read around it.
fn last_login() -> SelectStatement {
    Query::select()
        .column((Activity::Table, Activity::LastLoginAt))
        .from(Activity::Table)
        .and_where(
            Expr::col((Activity::Table, Activity::ProfileId))
                .equals((UserProfiles::Table, UserProfiles::Id)),
        )
        .take()
}

fn profiles() -> SelectStatement {
    Query::select()
        .columns(profile::READ.map(|column| (UserProfiles::Table, column)))
        .column((Activity::Table, Activity::LastLoginAt))
        .from(UserProfiles::Table)
        .left_join(
            Activity::Table,
            Expr::col((Activity::Table, Activity::ProfileId))
                .equals((UserProfiles::Table, UserProfiles::Id)),
        )
        .take()
}

fn col(column: UserProfiles) -> Expr {
    Expr::col((UserProfiles::Table, column))
}

fn is(key: ProfileKey) -> Expr {
    match key {
        ProfileKey::Id(id) => col(UserProfiles::Id).eq(id.get()),
        ProfileKey::User(user) => col(UserProfiles::UserId).eq(user.get()),
    }
}

fn sort_column(by: SortBy) -> UserProfiles {
    match by {
        SortBy::CreatedAt => UserProfiles::CreatedAt,
        SortBy::DisplayName => UserProfiles::NameKey,
    }
}

/// `key >= x AND NOT (key = x AND id <= y)`: a form that all engines answer from an index, and of which PostgreSQL
/// guesses without the values that it leaves out next to nothing.
fn after(order: ProfileOrder, place: &Keyset) -> Condition {
    let key = || col(sort_column(order.by));
    let value = || match &place.value {
        KeyValue::Time(time) => Expr::val(*time),
        KeyValue::Text(text) => Expr::val(text.as_str()),
    };
    let id = col(UserProfiles::Id);
    let (from, up_to) = if order.descending {
        (key().lte(value()), id.gte(place.id.get()))
    } else {
        (key().gte(value()), id.lte(place.id.get()))
    };
    Condition::all()
        .add(from)
        .add(Condition::all().add(key().eq(value())).add(up_to).not())
}

fn matching(filter: &ProfileFilter) -> Condition {
    let ids = filter.ids.as_ref().map(|ids| {
        let ids = padded(ids.iter().map(|id| id.get()).collect());
        col(UserProfiles::Id).is_in(ids)
    });
    Condition::all()
        .add_option(
            filter
                .user_id
                .map(|user| col(UserProfiles::UserId).eq(user.get())),
        )
        .add_option(ids)
        .add_option(
            filter
                .is_active
                .map(|active| col(UserProfiles::IsActive).eq(active)),
        )
        .add_option(
            filter
                .is_verified
                .map(|verified| col(UserProfiles::IsVerified).eq(verified)),
        )
        .add_option(
            filter
                .created_after
                .map(|time| col(UserProfiles::CreatedAt).gt(time)),
        )
        .add_option(
            filter
                .created_before
                .map(|time| col(UserProfiles::CreatedAt).lt(time)),
        )
        .into_condition()
}

/// How many rows are read where so many are wanted. To PostgreSQL limits go as part of the text, and few texts fill the
/// cache of prepared statements.
pub(crate) fn rounded(limit: u32) -> u32 {
    match limit {
        0 | 1 => limit,
        2..=101 => (limit - 1).next_multiple_of(10) + 1,
        _ => limit.checked_next_power_of_two().unwrap_or(limit),
    }
}

/// Repeats the last item up to a power of two, so that few texts fill the cache of prepared statements.
pub(crate) fn padded<T: Copy>(mut items: Vec<T>) -> Vec<T> {
    if let Some(last) = items.last().copied() {
        items.resize(items.len().next_power_of_two(), last);
    }
    items
}

#[cfg(test)]
mod tests {
    use sea_orm::DbBackend;
    use user_service_domain::ids::ProfileId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn ids_are_padded_to_a_power_of_two() {
        for (given, kept) in [(0, 0), (1, 1), (3, 4), (5, 8), (100, 128)] {
            let ids: Vec<_> = (1..=given).map(Uuid::from_u128).collect();
            let all = padded(ids.clone());
            assert_eq!(all.len(), kept);
            assert!(all.iter().all(|id| ids.contains(id)));
        }
    }

    #[test]
    fn limits_are_rounded_up_to_few() {
        for (wanted, read) in [
            (0, 0),
            (1, 1),
            (2, 11),
            (21, 21),
            (22, 31),
            (101, 101),
            (102, 128),
        ] {
            assert_eq!(rounded(wanted), read);
        }
        let texts: std::collections::BTreeSet<u32> = (0..=1024).map(rounded).collect();
        assert_eq!(texts.len(), 16);
    }

    #[test]
    fn only_the_profile_is_locked() {
        let key = ProfileKey::Id(ProfileId::new(Uuid::from_u128(1)));
        let sql = |backend: DbBackend| backend.build(&lock_profile(key)).sql;
        assert!(sql(DbBackend::Postgres).ends_with("FOR UPDATE"));
        assert!(!sql(DbBackend::Postgres).contains("JOIN"));
        assert!(!sql(DbBackend::Sqlite).contains("FOR UPDATE"));
    }
}
