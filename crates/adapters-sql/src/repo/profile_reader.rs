//! Reads outside a unit of work.

use async_trait::async_trait;
use sea_orm::DbErr;
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::bulk::StoredAccount;
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{
    Account, Counted, Profile, ProfileFilter, ProfileKey, ProfileQuery, ProfileReader,
};
use user_service_domain::store::StoreError;

use crate::entity::{Columns, preferences, profile};
use crate::error::internal;
use crate::fixed::ByKey;
use crate::statements;
use crate::store::SqlStore;

fn account(row: &mut Columns<'_>) -> Result<Account, DbErr> {
    Ok(Account {
        profile: profile::read(row)?,
        preferences: preferences::read(row)?,
    })
}

fn stored_account(row: &mut Columns<'_>) -> Result<StoredAccount, DbErr> {
    Ok(StoredAccount {
        profile: profile::read(row)?,
        preferences: preferences::read_joined(row)?,
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
        static BY: ByKey = ByKey::new();
        let statement = BY.with(self.backend(), key, statements::find_profile);
        self.one_by(statement, profile::read).await
    }

    async fn find_account(&self, key: ProfileKey) -> Result<Option<Account>, StoreError> {
        static BY: ByKey = ByKey::new();
        let statement = BY.with(self.backend(), key, statements::find_account);
        self.one_by(statement, account).await
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
        let mut profiles = self.many(&select, profile::read).await?;
        profiles.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
        Ok(profiles)
    }

    async fn accounts_after(
        &self,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<StoredAccount>, StoreError> {
        let select = statements::accounts_after(after, limit);
        self.many(&select, stored_account).await
    }

    async fn count(&self, filter: &ProfileFilter, most: u64) -> Result<Counted, StoreError> {
        if matches_none(filter) {
            return Ok(Counted::Exactly(0));
        }
        let select = statements::count_profiles(filter, most.saturating_add(1));
        let count = self.one(&select, number).await?;
        let count = u64::try_from(count.unwrap_or_default());
        let count = count.map_err(|_| internal("a negative count"))?;
        Ok(if count > most {
            Counted::AtLeast(most)
        } else {
            Counted::Exactly(count)
        })
    }
}
