//! Searches, as the contract words them.

use async_trait::async_trait;
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{
    Counted, Profile, ProfileFilter, ProfileSearch, ProfileSearchQuery, SearchIndex, SearchPage,
    SearchPlace, Searched,
};
use user_service_domain::store::StoreError;
use user_service_domain::text::SearchText;

use super::MemoryStore;
use super::unit_of_work::MemoryUnitOfWork;

#[async_trait]
impl ProfileSearch for MemoryStore {
    async fn search(&self, query: &ProfileSearchQuery) -> Result<SearchPage, StoreError> {
        self.faults.strike()?;
        let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let found = self.ranked(&query.text, &query.filter).into_iter();
        Ok(SearchPage {
            found: found
                .filter(|(_, place)| {
                    let after = query.start.after.as_ref();
                    after.is_none_or(|after| key(place) > key(after))
                })
                .skip(number(query.start.skip))
                .take(number(query.limit))
                .collect(),
            rest: None,
        })
    }

    async fn count(
        &self,
        text: &SearchText,
        filter: &ProfileFilter,
        _most: u32,
    ) -> Result<Counted, StoreError> {
        self.faults.strike()?;
        let found = self.ranked(text, filter).len();
        Ok(Counted::Exactly(found.try_into().unwrap_or(u64::MAX)))
    }
}

impl MemoryStore {
    fn ranked(&self, text: &SearchText, filter: &ProfileFilter) -> Vec<(Profile, SearchPlace)> {
        let mut found: Vec<(Profile, SearchPlace)> = self
            .matching(filter)
            .into_iter()
            .filter_map(|profile| {
                let place = SearchPlace {
                    stage: text.rank(&Searched::of(&profile))? as u8,
                    term: profile.name_key(),
                    word: 0,
                    id: Some(profile.id),
                };
                Some((profile, place))
            })
            .collect();
        found.sort_by(|(_, a), (_, b)| key(a).cmp(&key(b)));
        found
    }
}

fn key(place: &SearchPlace) -> (u8, &str, Option<ProfileId>) {
    (place.stage, &place.term, place.id)
}

/// The fake searches without an index.
#[async_trait]
impl SearchIndex for MemoryUnitOfWork {
    async fn index_pending(&mut self, _limit: u32) -> Result<u64, StoreError> {
        self.step(|_| Ok(0))
    }

    async fn index_after(
        &mut self,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Option<(u64, ProfileId)>, StoreError> {
        self.step(|state| {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let next = state
                .profiles
                .keys()
                .filter(|id| after.is_none_or(|after| **id > after));
            let next: Vec<ProfileId> = next.copied().take(limit).collect();
            let count = next.len().try_into().unwrap_or(u64::MAX);
            Ok(next.last().map(|last| (count, *last)))
        })
    }
}
