//! Searches profiles.

use std::sync::Arc;

use user_service_domain::identity::Caller;
use user_service_domain::profile::{Counted, ProfileFilter, ProfileSearchQuery, SearchStart};
use user_service_domain::store::Store;
use user_service_domain::text::SearchText;

use super::own::show_own;
use super::{Page, PageRequest};
use crate::UseCaseError;
use crate::authz::{self, Policy, Projection};
use crate::paging::CursorCodec;

/// How carefully matches are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// By looking at up to 10 000 profiles.
    Exact,
    /// By looking at no more than a page may.
    Estimated,
}

impl Count {
    fn most(self) -> u32 {
        match self {
            Self::Exact => 10_000,
            Self::Estimated => 2_000,
        }
    }
}

/// What is asked of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileSearchList {
    /// What to look for.
    pub text: SearchText,
    /// Among which profiles.
    pub filter: ProfileFilter,
    /// Which page.
    pub page: PageRequest,
    /// How many at most.
    pub limit: u32,
    /// Whether matches are to be counted.
    pub count: Option<Count>,
}

/// Searches profiles by name and location.
pub struct SearchProfiles {
    store: Arc<dyn Store>,
    cursors: CursorCodec,
    policy: Policy,
}

impl SearchProfiles {
    /// Over this store, with this cursor codec and policy.
    pub fn new(store: Arc<dyn Store>, cursors: CursorCodec, policy: Policy) -> Self {
        Self {
            store,
            cursors,
            policy,
        }
    }

    /// A page, the best matches first. It may be short, and even empty, while `next_cursor` leads on: then the
    /// search did its share of work. Strangers find active profiles alone, in the public projection.
    #[tracing::instrument(name = "profile.search", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        list: ProfileSearchList,
    ) -> Result<Page, UseCaseError> {
        self.policy.admit_reader(caller)?;
        let ProfileSearchList {
            text,
            mut filter,
            page,
            limit,
            count,
        } = list;
        let projection = if authz::reads_all(caller) {
            Projection::Full
        } else {
            Projection::Public
        };
        let hidden_only = projection == Projection::Public && filter.is_active == Some(false);
        if projection == Projection::Public {
            filter.is_active = Some(true);
        }
        let start = match page {
            PageRequest::Offset(skip) => SearchStart { after: None, skip },
            PageRequest::Cursor(cursor) => self.cursors.decode_search(&cursor, &text, &filter)?,
        };
        if hidden_only {
            return Ok(Page {
                items: Vec::new(),
                projection,
                total: count.map(|_| Counted::Exactly(0)),
                next_cursor: None,
            });
        }
        // One more than asked tells whether there is a next page.
        let query = ProfileSearchQuery {
            text,
            filter,
            start,
            limit: limit.saturating_add(1),
        };
        let lagging = authz::lagging(caller, self.store.lagging_search());
        let search = lagging.unwrap_or(self.store.search());
        let mut page = search.search(&query).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let next = if page.found.len() > limit {
            page.found.truncate(limit);
            page.found.last().map(|(_, place)| SearchStart {
                after: Some(place.clone()),
                skip: 0,
            })
        } else {
            page.rest
        };
        let next_cursor = next.map(|next| {
            self.cursors
                .encode_search(&query.text, &query.filter, &next)
        });
        if lagging.is_some() {
            let found = page.found.iter_mut().map(|(profile, _)| profile);
            show_own(&*self.store, caller, found).await?;
        }
        let total = match count {
            Some(count) => Some(
                search
                    .count(&query.text, &query.filter, count.most())
                    .await?,
            ),
            None => None,
        };
        Ok(Page {
            items: page.found.into_iter().map(|(profile, _)| profile).collect(),
            projection,
            total,
            next_cursor,
        })
    }
}
