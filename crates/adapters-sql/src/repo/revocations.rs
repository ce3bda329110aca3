//! The feed of revocations.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use user_service_domain::revocation::{
    FeedEntry, FeedPosition, NewFeedEntry, RevocationLog, RevocationReader,
};
use user_service_domain::store::StoreError;

use crate::entity::Columns;
use crate::entity::revocation::{self, UserRevocations as C};
use crate::statements::{self, MOST_IDS};
use crate::store::SqlStore;
use crate::unit_of_work::SqlUnitOfWork;

/// How many lines one statement adds.
const BATCH: usize = 1000;

fn position(row: &mut Columns<'_>) -> Result<i64, DbErr> {
    row.take()
}

fn perhaps(row: &mut Columns<'_>) -> Result<Option<i64>, DbErr> {
    row.take()
}

#[async_trait]
impl RevocationReader for SqlStore {
    async fn after(
        &self,
        position: FeedPosition,
        limit: u32,
    ) -> Result<Vec<FeedEntry>, StoreError> {
        let select = statements::revocations_after(position, limit);
        self.many(&select, revocation::read).await
    }

    async fn last(&self) -> Result<FeedPosition, StoreError> {
        let last = self.one(&statements::last_revocation(), perhaps).await?;
        Ok(last.flatten().map(FeedPosition).unwrap_or_default())
    }
}

#[async_trait]
impl RevocationLog for SqlUnitOfWork {
    async fn append(&mut self, entries: &[NewFeedEntry]) -> Result<(), StoreError> {
        self.live()?;
        for lines in entries.chunks(BATCH) {
            let mut insert = Query::insert()
                .into_table(C::Table)
                .columns(revocation::WRITE)
                .take();
            for line in lines {
                insert.values_panic(revocation::values(line));
            }
            self.run(&insert, None).await?;
        }
        Ok(())
    }

    async fn prune(&mut self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        let outlived = statements::outlived_revocations(before, limit);
        let mut pruned = 0;
        for positions in self.many(&outlived, position).await?.chunks(MOST_IDS) {
            let delete = Query::delete()
                .from_table(C::Table)
                .and_where(Expr::col(C::Position).is_in(statements::padded(positions.to_vec())))
                .take();
            pruned += self.run(&delete, None).await?;
        }
        Ok(pruned)
    }
}
