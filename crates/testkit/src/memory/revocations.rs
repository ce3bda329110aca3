//! The feed of revocations.

use std::ops::Bound;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use user_service_domain::ids::UserId;
use user_service_domain::revocation::{
    FeedEntry, FeedPosition, NewFeedEntry, Revocation, RevocationReader,
};
use user_service_domain::store::StoreError;

use super::MemoryStore;
use super::state::{State, count};

#[async_trait]
impl RevocationReader for MemoryStore {
    async fn after(
        &self,
        position: FeedPosition,
        limit: u32,
    ) -> Result<Vec<FeedEntry>, StoreError> {
        self.faults.strike()?;
        let state = self.committed();
        let later = (Bound::Excluded(position), Bound::Unbounded);
        let lines = state.revocations.range(later).map(|(_, line)| *line);
        Ok(lines
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .collect())
    }

    async fn last(&self) -> Result<FeedPosition, StoreError> {
        self.faults.strike()?;
        let state = self.committed();
        let last = state.revocations.keys().next_back();
        Ok(last.copied().unwrap_or_default())
    }
}

impl State {
    pub(super) fn append(&mut self, entries: &[NewFeedEntry]) {
        for entry in entries {
            self.last_position.0 += 1;
            let line = FeedEntry {
                position: self.last_position,
                user_id: entry.user_id,
                at: entry.at,
                revocation: entry.revocation,
            };
            self.revocations.insert(line.position, line);
        }
    }

    pub(super) fn removed_at(&self, user_id: UserId) -> Option<DateTime<Utc>> {
        self.revocations
            .values()
            .filter(|line| line.user_id == user_id && line.revocation == Revocation::AccountRemoved)
            .map(|line| line.at)
            .max()
    }

    pub(super) fn prune_revocations(&mut self, before: DateTime<Utc>, limit: u32) -> u64 {
        let outlived = self.revocations.values().filter(|line| line.at < before);
        let outlived: Vec<FeedPosition> = outlived
            .map(|line| line.position)
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .collect();
        count(outlived.iter().map(|place| self.revocations.remove(place)))
    }
}
