//! Reads outside a unit of work.

use async_trait::async_trait;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, DbErr};
use user_service_domain::profile::{
    Account, Profile, ProfileFilter, ProfileKey, ProfileQuery, ProfileReader,
};
use user_service_domain::store::StoreError;

use crate::dialect::build;
use crate::entity::{Columns, preferences, profile};
use crate::error::{internal, store_error};
use crate::statements;
use crate::store::SqlStore;

impl SqlStore {
    async fn one<T: Send>(
        &self,
        select: &SelectStatement,
        read: fn(&mut Columns<'_>) -> Result<T, DbErr>,
    ) -> Result<Option<T>, StoreError> {
        let row = self
            .db
            .query_one_raw(build(self.db.get_database_backend(), select))
            .await;
        row.and_then(|row| row.map(|row| read(&mut Columns::of(&row))).transpose())
            .map_err(|error| store_error(self.dialect, error))
    }
}

fn account(row: &mut Columns<'_>) -> Result<Account, DbErr> {
    Ok(Account {
        profile: profile::read(row)?,
        preferences: preferences::read(row)?,
    })
}

fn number(row: &mut Columns<'_>) -> Result<i64, DbErr> {
    row.take()
}

fn matches_none(filter: &ProfileFilter) -> bool {
    filter.ids.as_ref().is_some_and(Vec::is_empty)
}

#[async_trait]
impl ProfileReader for SqlStore {
    async fn find(&self, key: ProfileKey) -> Result<Option<Profile>, StoreError> {
        self.one(&statements::find_profile(key), profile::read)
            .await
    }

    async fn find_account(&self, key: ProfileKey) -> Result<Option<Account>, StoreError> {
        self.one(&statements::find_account(key), account).await
    }

    async fn list(&self, query: &ProfileQuery) -> Result<Vec<Profile>, StoreError> {
        if matches_none(&query.filter) || query.limit == 0 {
            return Ok(Vec::new());
        }
        let select = build(
            self.db.get_database_backend(),
            &statements::list_profiles(query),
        );
        let rows = self.db.query_all_raw(select).await;
        rows.and_then(|rows| {
            rows.iter()
                .map(|row| profile::read(&mut Columns::of(row)))
                .collect()
        })
        .map_err(|error| store_error(self.dialect, error))
    }

    async fn count(&self, filter: &ProfileFilter) -> Result<u64, StoreError> {
        if matches_none(filter) {
            return Ok(0);
        }
        let select = statements::count_profiles(filter);
        let count = self.one(&select, number).await?;
        u64::try_from(count.unwrap_or_default()).map_err(|_| internal("a negative count"))
    }
}
