//! What the reads of sessions run.

use chrono::{DateTime, Utc};
use sea_orm::DbBackend;
use sea_orm::sea_query::{
    Asterisk, Condition, Expr, ExprTrait, LockBehavior, LockType, Order, Query, SelectStatement,
};
use user_service_domain::ids::{ProfileId, SessionId, UserId};
use user_service_domain::session::{EndReason, SessionFilter, TokenDigest};

use crate::entity::profile::UserProfiles;
use crate::entity::revocation::{self, UserRevocations};
use crate::entity::session::{self, UserSessions as C};

/// What is known of a bearer: always one row, with the session's columns at its end where a token is given.
pub fn standing(user: UserId, token: Option<TokenDigest>) -> SelectStatement {
    let removed_at = Query::select()
        .expr(Expr::col(UserRevocations::RevokedAt).max())
        .from(UserRevocations::Table)
        .and_where(Expr::col(UserRevocations::UserId).eq(user.get()))
        .and_where(Expr::col(UserRevocations::Kind).eq(revocation::REMOVED))
        .take();
    let mut select = Query::select()
        .columns(
            [UserProfiles::Id, UserProfiles::IsActive].map(|column| (UserProfiles::Table, column)),
        )
        .expr(Expr::from(removed_at))
        .from_subquery(Query::select().expr(Expr::cust("1")).take(), "bearer")
        .left_join(
            UserProfiles::Table,
            Expr::col((UserProfiles::Table, UserProfiles::UserId)).eq(user.get()),
        )
        .take();
    if let Some(token) = token {
        select
            .columns(session::READ.map(|column| (C::Table, column)))
            .left_join(
                C::Table,
                Condition::all()
                    .add(
                        Expr::col((C::Table, C::ProfileId))
                            .equals((UserProfiles::Table, UserProfiles::Id)),
                    )
                    .add(Expr::col((C::Table, C::TokenDigest)).eq(token.0.to_vec())),
            );
    }
    select
}

/// The sessions of a profile, newest activity first.
pub fn list_sessions(
    of: ProfileId,
    filter: SessionFilter,
    now: DateTime<Utc>,
    limit: u32,
) -> SelectStatement {
    let mut select = sessions(of);
    match filter {
        SessionFilter::Active => select.cond_where(active(now)),
        SessionFilter::Ended => select.cond_where(active(now).not()),
        SessionFilter::All => &mut select,
    };
    select
        .order_by(C::LastActivityAt, Order::Desc)
        .order_by(C::Id, Order::Desc)
        .limit(limit.into());
    select
}

/// How many sessions of all profiles are in use, as far as `most`.
pub fn count_active_sessions(backend: DbBackend, now: DateTime<Utc>, most: u32) -> SelectStatement {
    let mut matching = Query::select()
        .expr(Expr::cust("1"))
        .from(C::Table)
        .cond_where(active(now))
        .limit(most.into())
        .take();
    // In the order of the index PostgreSQL reads that alone, and not those that ended.
    if backend == DbBackend::Postgres {
        matching
            .order_by(C::EndedAt, Order::Asc)
            .order_by(C::ExpiresAt, Order::Asc);
    }
    Query::select()
        .expr(Expr::col(Asterisk).count())
        .from_subquery(matching, "matching")
        .take()
}

/// The sessions of a profile that are in use, oldest first.
pub fn active_sessions(of: ProfileId, now: DateTime<Utc>) -> SelectStatement {
    let mut select = sessions(of);
    select
        .cond_where(active(now))
        .order_by(C::CreatedAt, Order::Asc)
        .order_by(C::Id, Order::Asc);
    select
}

/// The sessions of a profile that lapsed and that a token could take up again.
pub fn renewable_sessions(of: ProfileId, now: DateTime<Utc>) -> SelectStatement {
    let unwritten = Condition::all()
        .add(Expr::col(C::EndedAt).is_null())
        .add(Expr::col(C::ExpiresAt).lte(now));
    let mut select = sessions(of);
    select
        .and_where(Expr::col(C::FollowsTokens).eq(true))
        .cond_where(
            Condition::any()
                .add(unwritten)
                .add(Expr::col(C::EndedReason).eq(EndReason::Expired.as_str())),
        );
    select
}

/// The session of a token.
pub fn find_session_by_token(of: ProfileId, token: TokenDigest) -> SelectStatement {
    let mut select = sessions(of);
    select.and_where(Expr::col(C::TokenDigest).eq(token.0.to_vec()));
    select
}

/// The session of an id.
pub fn find_session(of: ProfileId, id: SessionId) -> SelectStatement {
    let mut select = sessions(of);
    select.and_where(Expr::col(C::Id).eq(id.get()));
    select
}

/// Sessions that lapsed and were not yet ended, but for those that somebody works on; the oldest first.
pub fn lapsed_sessions(backend: DbBackend, now: DateTime<Utc>, limit: u32) -> SelectStatement {
    let mut select = upkeep(limit);
    // NULL in all of them: PostgreSQL sees the order of the index with it alone, MariaDB without it alone.
    if backend == DbBackend::Postgres {
        select.order_by(C::EndedAt, Order::Asc);
    }
    select
        .and_where(Expr::col(C::EndedAt).is_null())
        .and_where(Expr::col(C::ExpiresAt).lte(now))
        .order_by(C::ExpiresAt, Order::Asc);
    select
}

/// Sessions that may be forgotten, but for those that somebody works on; the oldest first.
pub fn outlived_sessions(before: DateTime<Utc>, limit: u32) -> SelectStatement {
    let mut select = upkeep(limit);
    select
        .and_where(Expr::col(C::EndedAt).lt(before))
        .and_where(Expr::col(C::ExpiresAt).lt(before))
        .order_by(C::EndedAt, Order::Asc);
    select
}

/// The next sessions with an address that were made before a moment, after this place: when each was made, its id, and
/// when it was last used.
pub fn addressed_sessions(
    before: DateTime<Utc>,
    from: Option<(DateTime<Utc>, SessionId)>,
    limit: u32,
) -> SelectStatement {
    let mut select = Query::select()
        .columns([C::CreatedAt, C::Id, C::LastActivityAt])
        .from(C::Table)
        .and_where(Expr::col(C::IpAddress).is_not_null())
        .and_where(Expr::col(C::CreatedAt).lt(before))
        .order_by(C::CreatedAt, Order::Asc)
        .order_by(C::Id, Order::Asc)
        .limit(limit.into())
        .take();
    if let Some((made, id)) = from {
        select
            .and_where(Expr::col(C::CreatedAt).gte(made))
            .cond_where(
                Condition::any()
                    .add(Expr::col(C::CreatedAt).gt(made))
                    .add(Expr::col(C::Id).gt(id.get())),
            );
    }
    select
}

fn sessions(of: ProfileId) -> SelectStatement {
    Query::select()
        .columns(session::READ)
        .from(C::Table)
        .and_where(Expr::col(C::ProfileId).eq(of.get()))
        .take()
}

fn active(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Expr::col(C::EndedAt).is_null())
        .add(Expr::col(C::ExpiresAt).gt(now))
}

fn upkeep(limit: u32) -> SelectStatement {
    Query::select()
        .column(C::Id)
        .from(C::Table)
        .limit(limit.into())
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .take()
}
