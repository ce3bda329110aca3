//! Reads outside a unit of work.

use async_trait::async_trait;
use sea_orm::DbErr;
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::profile::{
    Account, Profile, ProfileFilter, ProfileKey, ProfileQuery, ProfileReader,
};
use user_service_domain::store::StoreError;

use crate::entity::{Columns, preferences, profile};
use crate::error::internal;
use crate::statements;
use crate::store::SqlStore;

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

    async fn find_by_alias(&self, alias: AvatarAlias) -> Result<Option<Profile>, StoreError> {
        let select = statements::find_profile_by_alias(alias);
        self.one(&select, profile::read).await
    }

    async fn list(&self, query: &ProfileQuery) -> Result<Vec<Profile>, StoreError> {
        if matches_none(&query.filter) || query.limit == 0 {
            return Ok(Vec::new());
        }
        let select = statements::list_profiles(query);
        self.many(&select, profile::read).await
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
