//! Searches.

use async_trait::async_trait;
use user_service_domain::profile::{
    Counted, Position, Profile, ProfileFilter, ProfileOrder, ProfileQuery, ProfileReader,
    ProfileSearch, ProfileSearchQuery, SearchPage, SearchPlace, SearchStart, Searched,
};
use user_service_domain::store::StoreError;
use user_service_domain::text::SearchText;

use crate::search::walk::{Budget, Wanted, walk};
use crate::statements::MOST_IDS;
use crate::store::SqlStore;

/// How many profiles a page looks at besides those that it passes over.
const LOOKS: u32 = 2000;

#[async_trait]
impl ProfileSearch for SqlStore {
    async fn search(&self, query: &ProfileSearchQuery) -> Result<SearchPage, StoreError> {
        let ProfileSearchQuery {
            text,
            filter,
            start,
            limit,
        } = query;
        let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
        if names_few(filter) {
            let found = self.among_few(text, filter).await?;
            let skip = usize::try_from(start.skip).unwrap_or(usize::MAX);
            let found = found
                .into_iter()
                .filter(|(_, place)| start.after.as_ref().is_none_or(|after| later(place, after)))
                .skip(skip)
                .take(limit)
                .collect();
            return Ok(SearchPage { found, rest: None });
        }
        let budget = Budget::of(LOOKS.saturating_add(start.skip));
        let walked = walk(self, text, filter, start, Wanted::Shown(limit), budget).await?;
        Ok(SearchPage {
            found: walked.found,
            rest: walked.rest,
        })
    }

    async fn count(
        &self,
        text: &SearchText,
        filter: &ProfileFilter,
        most: u32,
    ) -> Result<Counted, StoreError> {
        let count = |found: usize| u64::try_from(found).unwrap_or(u64::MAX);
        if names_few(filter) {
            let found = self.among_few(text, filter).await?;
            return Ok(Counted::Exactly(count(found.len())));
        }
        let start = SearchStart::default();
        let walked = walk(
            self,
            text,
            filter,
            &start,
            Wanted::Counted,
            Budget::of(most),
        )
        .await?;
        let found = count(walked.counted);
        Ok(match walked.rest {
            Some(_) => Counted::AtLeast(found),
            None => Counted::Exactly(found),
        })
    }
}

/// Whether the filter says by itself which profiles may be meant.
fn names_few(filter: &ProfileFilter) -> bool {
    filter.user_id.is_some() || filter.ids.is_some()
}

fn later(place: &SearchPlace, than: &SearchPlace) -> bool {
    let key = |place: &SearchPlace| (place.stage, place.term.clone(), place.id);
    key(place) > key(than)
}

impl SqlStore {
    /// All matches among profiles that the filter names, the best first.
    async fn among_few(
        &self,
        text: &SearchText,
        filter: &ProfileFilter,
    ) -> Result<Vec<(Profile, SearchPlace)>, StoreError> {
        let query = ProfileQuery {
            filter: filter.clone(),
            order: ProfileOrder::default(),
            position: Position::Offset(0),
            limit: u32::try_from(MOST_IDS).unwrap_or(u32::MAX),
        };
        let profiles = self.list(&query).await?.into_iter();
        let mut found: Vec<(Profile, SearchPlace)> = profiles
            .filter_map(|profile| {
                let rank = text.rank(&Searched::of(&profile))?;
                let place = SearchPlace {
                    stage: rank as u8,
                    term: profile.name_key(),
                    word: 0,
                    id: Some(profile.id),
                };
                Some((profile, place))
            })
            .collect();
        found.sort_by(|(_, a), (_, b)| (a.stage, &a.term, a.id).cmp(&(b.stage, &b.term, b.id)));
        Ok(found)
    }
}
