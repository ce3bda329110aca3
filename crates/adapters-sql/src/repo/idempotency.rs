//! Keys of requests that may be repeated.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::DbBackend;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Order, Query, SelectStatement};
use user_service_domain::idempotency::{IdempotencyKeys, KeyDigest, KeyRecord, StoredResponse};
use user_service_domain::ids::ProfileId;
use user_service_domain::store::{Constraint, StoreError};

use crate::entity::idempotency_key::{self, UserIdempotencyKeys as C};
use crate::error::internal;
use crate::unit_of_work::SqlUnitOfWork;

fn bytes(key: KeyDigest) -> Vec<u8> {
    key.0.to_vec()
}

fn is(key: KeyDigest) -> Expr {
    Expr::col(C::KeyDigest).eq(bytes(key))
}

#[async_trait]
impl IdempotencyKeys for SqlUnitOfWork {
    async fn find_for_update(&mut self, key: KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        let select = Query::select()
            .columns(idempotency_key::READ)
            .from(C::Table)
            .and_where(is(key))
            .lock_exclusive()
            .take();
        self.one(&select, idempotency_key::read).await
    }

    async fn insert(&mut self, record: &KeyRecord) -> Result<(), StoreError> {
        let insert = Query::insert()
            .into_table(C::Table)
            .columns([C::KeyDigest, C::Fingerprint, C::CreatedAt, C::ExpiresAt])
            .values_panic([
                Expr::val(bytes(record.key)),
                Expr::val(record.fingerprint.0.to_vec()),
                Expr::val(record.created_at),
                Expr::val(record.expires_at),
            ])
            .take();
        self.run(&insert, Some(Constraint::IdempotencyKey)).await?;
        Ok(())
    }

    async fn complete(
        &mut self,
        key: KeyDigest,
        profile: ProfileId,
        response: &StoredResponse,
    ) -> Result<(), StoreError> {
        let Ok(status) = i16::try_from(response.status) else {
            return Err(self.fail(internal("the status is out of range")).await);
        };
        let update = Query::update()
            .table(C::Table)
            .values([
                (C::ProfileId, Expr::val(profile.get())),
                (C::ResponseStatus, Expr::val(status)),
                (C::ResponseLocation, Expr::val(response.location.as_deref())),
                (C::ResponseEtag, Expr::val(response.etag.as_deref())),
                (C::ResponseBody, Expr::val(response.body.as_str())),
            ])
            .and_where(is(key))
            .take();
        self.run_guarded(&update).await
    }

    async fn delete(&mut self, key: KeyDigest) -> Result<(), StoreError> {
        let delete = Query::delete()
            .from_table(C::Table)
            .and_where(is(key))
            .take();
        self.run(&delete, None).await?;
        Ok(())
    }

    async fn prune(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let mut delete = Query::delete().from_table(C::Table).take();
        if self.backend() == DbBackend::MySql {
            // MySQL cannot select from the table that it deletes from, but it can stop by itself.
            delete
                .and_where(Expr::col(C::ExpiresAt).lt(now))
                .order_by(C::ExpiresAt, Order::Asc)
                .limit(limit.into());
        } else {
            delete.and_where(Expr::col(C::KeyDigest).in_subquery(expired(now, limit)));
        }
        self.run(&delete, None).await
    }
}

/// The keys to forget, but for those that somebody works on.
fn expired(now: DateTime<Utc>, limit: u32) -> SelectStatement {
    Query::select()
        .column(C::KeyDigest)
        .from(C::Table)
        .and_where(Expr::col(C::ExpiresAt).lt(now))
        .order_by(C::ExpiresAt, Order::Asc)
        .limit(limit.into())
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .take()
}
