//! A change of a profile that is one statement.

use chrono::{DateTime, Utc};
use sea_orm::DbBackend;
use sea_orm::sea_query::{
    BinOper, Condition, Expr, ExprTrait, Func, Query, UpdateStatement, Value,
};
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{Bio, PhoneNumber, ProfilePatch, Website};

use super::{col, last_login};
use crate::entity::profile::{self, UserProfiles};

/// How many sets of members a plain patch may have.
pub(crate) const SETS: usize = 1 << MEMBERS;

const MEMBERS: usize = 4;

/// The members of a plain patch, each with its value where it is there.
fn members(patch: &ProfilePatch) -> [(UserProfiles, Option<Value>); MEMBERS] {
    let bio = patch.bio.as_ref();
    let website = patch.website.as_ref();
    let phone = patch.phone_number.as_ref();
    [
        (
            UserProfiles::Bio,
            bio.map(|bio| bio.as_ref().map(Bio::as_str).into()),
        ),
        (
            UserProfiles::Website,
            website.map(|website| website.as_ref().map(Website::as_str).into()),
        ),
        (
            UserProfiles::PhoneNumber,
            phone.map(|phone| phone.as_ref().map(PhoneNumber::as_str).into()),
        ),
        (UserProfiles::IsVerified, patch.is_verified.map(Value::from)),
    ]
}

fn given(patch: &ProfilePatch) -> impl Iterator<Item = (UserProfiles, Value)> {
    let members = members(patch).into_iter();
    members.filter_map(|(column, value)| value.map(|value| (column, value)))
}

/// Which members a patch has: 0 where none, and less than [`SETS`].
pub(crate) fn set_of(patch: &ProfilePatch) -> usize {
    let has = members(patch).map(|(_, value)| usize::from(value.is_some()));
    has.into_iter().fold(0, |set, has| set << 1 | has)
}

/// Whether an engine answers with what an update wrote. MySQL and MariaDB do not.
pub(crate) fn returns_what_it_changed(backend: DbBackend) -> bool {
    backend != DbBackend::MySql
}

/// Applies a plain patch as the domain does, and reads what is stored then. Only for engines that return what an update
/// wrote ([`returns_what_it_changed`]); at least one member must be given.
pub fn patch_profile(
    id: ProfileId,
    owner: Option<UserId>,
    patch: &ProfilePatch,
    now: DateTime<Utc>,
) -> UpdateStatement {
    let mut update = Query::update();
    update.table(UserProfiles::Table);
    let mut differs = Condition::any();
    for (column, value) in given(patch) {
        let other = BinOper::Custom("IS DISTINCT FROM");
        differs = differs.add(col(column).binary(other, value.clone()));
        update.value(column, value);
    }
    let next = Expr::col(UserProfiles::Version).add(Expr::cust("1"));
    let moment = Func::greatest([Expr::col(UserProfiles::UpdatedAt), Expr::val(now)]);
    let read = profile::READ.map(col).into_iter();
    update
        .value(UserProfiles::Version, next)
        .value(UserProfiles::UpdatedAt, moment)
        .and_where(col(UserProfiles::Id).eq(id.get()))
        .and_where_option(owner.map(|owner| col(UserProfiles::UserId).eq(owner.get())))
        .cond_where(differs)
        .returning(Query::returning().exprs(read.chain([Expr::from(last_login())])))
        .take()
}

/// The values of [`patch_profile`], in the order of its text.
pub(crate) fn values_of_patch(
    id: ProfileId,
    owner: Option<UserId>,
    patch: &ProfilePatch,
    now: DateTime<Utc>,
) -> impl Iterator<Item = Value> {
    let values = || given(patch).map(|(_, value)| value);
    let whose = owner.map(|owner| owner.get().into());
    values()
        .chain([now.into(), id.get().into()])
        .chain(whose)
        .chain(values())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sea_orm::Values;
    use uuid::Uuid;

    use super::*;

    /// A plain patch of each set of members.
    fn patches() -> impl Iterator<Item = ProfilePatch> {
        (0..SETS).map(|set| ProfilePatch {
            bio: (set & 1 > 0).then(|| Some(Bio::stored("b".to_owned()))),
            website: (set & 2 > 0).then_some(None),
            phone_number: (set & 4 > 0).then_some(None),
            is_verified: (set & 8 > 0).then_some(true),
            ..ProfilePatch::default()
        })
    }

    #[test]
    fn each_set_of_members_has_a_number() {
        let numbers: BTreeSet<usize> = patches().map(|patch| set_of(&patch)).collect();
        assert!(numbers.into_iter().eq(0..SETS));
        assert_eq!(set_of(&ProfilePatch::default()), 0);
    }

    #[test]
    fn values_come_in_the_order_of_the_text() {
        let id = ProfileId::new(Uuid::from_u128(1));
        let now = DateTime::UNIX_EPOCH;
        for patch in patches().filter(|patch| set_of(patch) > 0) {
            for owner in [None, Some(UserId::new(Uuid::from_u128(2)))] {
                for backend in [DbBackend::Postgres, DbBackend::Sqlite] {
                    let built = backend.build(&patch_profile(id, owner, &patch, now));
                    let values = values_of_patch(id, owner, &patch, now).collect();
                    assert_eq!(built.values, Some(Values(values)), "{}", built.sql);
                }
            }
        }
    }
}
