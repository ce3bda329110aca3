//! What the reads of the feed run.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Order, Query, SelectStatement};
use user_service_domain::revocation::FeedPosition;

use crate::entity::revocation::{self, UserRevocations as C};

/// The lines after a position.
pub fn revocations_after(position: FeedPosition, limit: u32) -> SelectStatement {
    Query::select()
        .columns(revocation::READ)
        .from(C::Table)
        .and_where(Expr::col(C::Position).gt(position.0))
        .order_by(C::Position, Order::Asc)
        .limit(limit.into())
        .take()
}

/// The last position.
pub fn last_revocation() -> SelectStatement {
    Query::select()
        .expr(Expr::col(C::Position).max())
        .from(C::Table)
        .take()
}

/// Lines that may be forgotten, but for those that somebody works on.
pub fn outlived_revocations(before: DateTime<Utc>, limit: u32) -> SelectStatement {
    Query::select()
        .column(C::Position)
        .from(C::Table)
        .and_where(Expr::col(C::RevokedAt).lt(before))
        .order_by(C::RevokedAt, Order::Asc)
        .limit(limit.into())
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .take()
}
