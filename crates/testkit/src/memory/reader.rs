//! Reads outside a unit of work.

use std::cmp::Ordering;

use async_trait::async_trait;
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::bulk::StoredAccount;
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{
    Account, Counted, Position, Profile, ProfileFilter, ProfileKey, ProfileQuery, ProfileReader,
};
use user_service_domain::store::StoreError;

use super::{MemoryStore, compare};

#[async_trait]
impl ProfileReader for MemoryStore {
    async fn find(&self, key: ProfileKey) -> Result<Option<Profile>, StoreError> {
        self.faults.strike()?;
        Ok(self.committed().find(key))
    }

    async fn find_account(&self, key: ProfileKey) -> Result<Option<Account>, StoreError> {
        self.faults.strike()?;
        let state = self.committed();
        Ok(state.find(key).and_then(|profile| {
            let preferences = state.preferences.get(&profile.id)?.clone();
            Some(Account {
                profile,
                preferences,
            })
        }))
    }

    async fn find_by_alias(&self, alias: AvatarAlias) -> Result<Option<Profile>, StoreError> {
        self.faults.strike()?;
        Ok(self.committed().find_by_alias(alias))
    }

    async fn list(&self, query: &ProfileQuery) -> Result<Vec<Profile>, StoreError> {
        self.faults.strike()?;
        let mut rows: Vec<Profile> = self.matching(&query.filter);
        rows.sort_by(|a, b| compare(query.order, &query.order.keyset(a), &query.order.keyset(b)));
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        Ok(match &query.position {
            Position::Offset(skip) => {
                let skip = usize::try_from(*skip).unwrap_or(usize::MAX);
                rows.into_iter().skip(skip).take(limit).collect()
            }
            Position::After(place) => rows
                .into_iter()
                .filter(|row| {
                    compare(query.order, &query.order.keyset(row), place) == Ordering::Greater
                })
                .take(limit)
                .collect(),
        })
    }

    async fn accounts_after(
        &self,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<StoredAccount>, StoreError> {
        self.faults.strike()?;
        let state = self.committed();
        let later = state
            .profiles
            .values()
            .filter(|profile| Some(profile.id) > after);
        Ok(later
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .map(|profile| state.stored_account(profile))
            .collect())
    }

    async fn count(&self, filter: &ProfileFilter, most: u64) -> Result<Counted, StoreError> {
        self.faults.strike()?;
        let count = self.matching(filter).len().try_into().unwrap_or(u64::MAX);
        Ok(if count > most {
            Counted::AtLeast(most)
        } else {
            Counted::Exactly(count)
        })
    }
}

impl MemoryStore {
    pub(super) fn matching(&self, filter: &ProfileFilter) -> Vec<Profile> {
        self.committed()
            .profiles
            .values()
            .filter(|row| matches(filter, row))
            .cloned()
            .collect()
    }
}

fn matches(filter: &ProfileFilter, row: &Profile) -> bool {
    let ProfileFilter {
        is_active,
        is_verified,
        user_id,
        ids,
        created_after,
        created_before,
    } = filter;
    is_active.is_none_or(|wanted| row.is_active == wanted)
        && is_verified.is_none_or(|wanted| row.is_verified == wanted)
        && user_id.is_none_or(|wanted| row.user_id == wanted)
        && ids.as_ref().is_none_or(|wanted| wanted.contains(&row.id))
        && created_after.is_none_or(|moment| row.created_at > moment)
        && created_before.is_none_or(|moment| row.created_at < moment)
}
