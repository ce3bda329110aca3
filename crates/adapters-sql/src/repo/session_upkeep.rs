//! Upkeep of the sessions of all.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{
    CaseStatement, Expr, ExprTrait, Func, InsertStatement, OnConflict, Order, Query,
    UpdateStatement,
};
use sea_orm::{DbBackend, DbErr};
use user_service_domain::ids::SessionId;
use user_service_domain::session::{AddressWalk, Flush, Login, SessionUpkeep, Touch};
use user_service_domain::store::StoreError;
use uuid::Uuid;

use crate::entity::Columns;
use crate::entity::activity::UserProfileActivity as Activity;
use crate::entity::profile::UserProfiles;
use crate::entity::session::UserSessions as C;
use crate::statements::{self, MOST_IDS, padded};
use crate::unit_of_work::SqlUnitOfWork;

/// How many rows one statement of branches moves: it compares each row with each branch.
const BATCH: usize = 128;

fn id(row: &mut Columns<'_>) -> Result<Uuid, DbErr> {
    row.take()
}

/// A session with an address: when it was made, its id, and when it was last used.
type Addressed = (DateTime<Utc>, Uuid, DateTime<Utc>);

fn addressed(row: &mut Columns<'_>) -> Result<Addressed, DbErr> {
    Ok((row.take()?, row.take()?, row.take()?))
}

#[async_trait]
impl SessionUpkeep for SqlUnitOfWork {
    async fn touch(&mut self, touches: &[Touch], flush: Flush) -> Result<u64, StoreError> {
        self.live()?;
        let mut written = 0;
        for batch in merged(touches).chunks(BATCH) {
            written += self
                .run(&moving(&padded(batch.to_vec()), flush), None)
                .await?;
        }
        Ok(written)
    }

    async fn log_in(&mut self, logins: &[Login]) -> Result<(), StoreError> {
        self.live()?;
        let backend = self.backend();
        for batch in newest(logins).chunks(BATCH) {
            match logging(backend, &padded(batch.to_vec())) {
                Ok(insert) => self.run(&insert, None).await?,
                Err(error) => return Err(self.fail(StoreError::Internal(error.into())).await),
            };
        }
        Ok(())
    }

    async fn expire(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let lapsed = statements::lapsed_sessions(self.backend(), now, limit);
        let mut expired = 0;
        for ids in self.many(&lapsed, id).await?.chunks(MOST_IDS) {
            let update = Query::update()
                .table(C::Table)
                .value(C::EndedAt, Expr::col(C::ExpiresAt))
                .value(C::EndedReason, "expired")
                .and_where(Expr::col(C::Id).is_in(padded(ids.to_vec())))
                .take();
            expired += self.run(&update, None).await?;
        }
        Ok(expired)
    }

    async fn prune(&mut self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let outlived = statements::outlived_sessions(before, limit);
        let mut pruned = 0;
        for ids in self.many(&outlived, id).await?.chunks(MOST_IDS) {
            let delete = Query::delete()
                .from_table(C::Table)
                .and_where(Expr::col(C::Id).is_in(padded(ids.to_vec())))
                .take();
            pruned += self.run(&delete, None).await?;
        }
        Ok(pruned)
    }

    async fn drop_addresses(
        &mut self,
        before: DateTime<Utc>,
        from: Option<(DateTime<Utc>, SessionId)>,
        limit: u32,
    ) -> Result<AddressWalk, StoreError> {
        let select = statements::addressed_sessions(before, from, limit);
        let seen = self.many(&select, addressed).await?;
        let old = seen.iter().filter(|(_, _, used)| *used < before);
        let old: Vec<Uuid> = old.map(|(_, id, _)| *id).collect();
        let mut dropped = 0;
        for ids in old.chunks(MOST_IDS) {
            let update = Query::update()
                .table(C::Table)
                .value(C::IpAddress, Option::<String>::None)
                .and_where(Expr::col(C::Id).is_in(padded(ids.to_vec())))
                // It may have been used meanwhile.
                .and_where(Expr::col(C::LastActivityAt).lt(before))
                .take();
            dropped += self.run(&update, None).await?;
        }
        let more = u32::try_from(seen.len()).is_ok_and(|seen| seen >= limit);
        let last = seen.last().filter(|_| more);
        Ok(AddressWalk {
            dropped,
            next: last.map(|(made, id, _)| (*made, SessionId::new(*id))),
        })
    }
}

/// One touch for each session, in the order of ids, so that two flushes do not wait for each other in a
/// circle.
fn merged(touches: &[Touch]) -> Vec<Touch> {
    let mut touches = touches.to_vec();
    touches.sort_unstable_by_key(|touch| touch.session_id);
    touches.dedup_by(|next, kept| {
        let same = next.session_id == kept.session_id;
        if same {
            kept.at = Ord::max(kept.at, next.at);
            kept.token_expires_at = Ord::max(kept.token_expires_at, next.token_expires_at);
        }
        same
    });
    touches
}

/// The newest login of each profile, in the order of ids.
fn newest(logins: &[Login]) -> Vec<Login> {
    let mut logins = logins.to_vec();
    logins.sort_unstable_by_key(|login| (login.profile_id, std::cmp::Reverse(login.at)));
    logins.dedup_by_key(|login| login.profile_id);
    logins
}

/// Moves the rows of which something lags far enough behind; a branch for each.
fn moving(touches: &[Touch], flush: Flush) -> UpdateStatement {
    let mut activity = CaseStatement::new();
    let mut expiry = CaseStatement::new();
    let mut lagging = CaseStatement::new();
    for touch in touches {
        let is = || Expr::col(C::Id).eq(touch.session_id.get());
        let follows = || Expr::col(C::FollowsTokens);
        let lags = |column: C, time| lags(column, time, flush);
        activity = activity.case(
            is().and(Expr::col(C::LastActivityAt).lt(touch.at)),
            touch.at,
        );
        expiry = expiry.case(
            is().and(follows())
                .and(Expr::col(C::ExpiresAt).lt(touch.token_expires_at)),
            touch.token_expires_at,
        );
        lagging = lagging.case(
            is(),
            lags(C::LastActivityAt, touch.at)
                .or(follows().and(lags(C::ExpiresAt, touch.token_expires_at))),
        );
    }
    let ids = touches.iter().map(|touch| touch.session_id.get());
    Query::update()
        .table(C::Table)
        .value(
            C::LastActivityAt,
            activity.finally(Expr::col(C::LastActivityAt)),
        )
        .value(C::ExpiresAt, expiry.finally(Expr::col(C::ExpiresAt)))
        .and_where(Expr::col(C::Id).is_in(ids))
        .and_where(Expr::col(C::EndedAt).is_null())
        .and_where(lagging.into())
        .take()
}

fn lags(column: C, time: DateTime<Utc>, flush: Flush) -> Expr {
    match flush {
        Flush::Coalesced => Expr::col(column).lte(time - TimeDelta::minutes(1)),
        Flush::Final => Expr::col(column).lt(time),
    }
}

/// Writes the logins of profiles that are there; a branch for each.
fn logging(
    backend: DbBackend,
    logins: &[Login],
) -> Result<InsertStatement, sea_orm::sea_query::error::Error> {
    let mut at = CaseStatement::new();
    for login in logins {
        at = at.case(
            Expr::col(UserProfiles::Id).eq(login.profile_id.get()),
            login.at,
        );
    }
    let ids = logins.iter().map(|login| login.profile_id.get());
    let present = Query::select()
        .column(UserProfiles::Id)
        .expr(at)
        .from(UserProfiles::Table)
        .and_where(Expr::col(UserProfiles::Id).is_in(ids))
        .order_by(UserProfiles::Id, Order::Asc)
        .take();
    let stored = || Expr::col((Activity::Table, Activity::LastLoginAt));
    let given = || match backend {
        DbBackend::MySql => Expr::from(Func::cust("VALUES").arg(Expr::col(Activity::LastLoginAt))),
        _ => Expr::col(("excluded", Activity::LastLoginAt)),
    };
    let behind = || stored().is_null().or(stored().lt(given()));
    // MySQL knows no condition here, but it leaves a row alone that would stay as it is.
    let forward = CaseStatement::new()
        .case(behind(), given())
        .finally(stored());
    Ok(Query::insert()
        .into_table(Activity::Table)
        .columns([Activity::ProfileId, Activity::LastLoginAt])
        .select_from(present)?
        .on_conflict(
            OnConflict::column(Activity::ProfileId)
                .value(Activity::LastLoginAt, forward)
                .action_and_where(behind())
                .to_owned(),
        )
        .take())
}

#[cfg(test)]
mod tests {
    use user_service_domain::ids::SessionId;

    use super::*;

    fn touch(session: u128, at: i64, token: i64) -> Touch {
        Touch {
            session_id: SessionId::new(Uuid::from_u128(session)),
            at: DateTime::from_timestamp(at, 0).unwrap(),
            token_expires_at: DateTime::from_timestamp(token, 0).unwrap(),
        }
    }

    #[test]
    fn touches_are_one_for_each_session_in_the_order_of_ids() {
        let given = [
            touch(2, 5, 9),
            touch(1, 3, 3),
            touch(2, 7, 8),
            touch(2, 6, 7),
        ];
        assert_eq!(merged(&given), [touch(1, 3, 3), touch(2, 7, 9)]);
    }

    #[test]
    fn a_batch_of_touches_is_one_statement() {
        let touches: Vec<Touch> = (0..128).map(|n| touch(n, 1, 1)).collect();
        for backend in [DbBackend::Postgres, DbBackend::MySql, DbBackend::Sqlite] {
            let statement = backend.build(&moving(&touches, Flush::Coalesced));
            assert_eq!(statement.sql.matches("UPDATE").count(), 1);
            // SQLite takes no more than 32766 values, the others 65535.
            assert_eq!(statement.values.unwrap().0.len(), 128 * 10);
        }
    }
}
