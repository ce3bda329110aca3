//! Lists and searches profiles.

use std::sync::Arc;

use user_service_domain::identity::Caller;
use user_service_domain::profile::{
    Counted, Position, Profile, ProfileFilter, ProfileOrder, ProfileQuery,
};
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::authz::{self, Policy, Projection};
use crate::paging::CursorCodec;

use super::own::show_own;

use super::totals::Totals;

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageRequest {
    /// After so many rows; the answer to a list has a total.
    Offset(u32),
    /// After the place that a cursor names; the answer to a list has no total.
    Cursor(String),
}

/// What is asked of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileList {
    /// Which profiles.
    pub filter: ProfileFilter,
    /// In which order.
    pub order: ProfileOrder,
    /// Which page.
    pub page: PageRequest,
    /// How many at most.
    pub limit: u32,
}

/// A page of profiles.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The profiles.
    pub items: Vec<Profile>,
    /// How much of each may be shown.
    pub projection: Projection,
    /// How many match in all: of a list in offset mode, of a search where asked.
    pub total: Option<Counted>,
    /// Where the next page starts; `None` at the end.
    pub next_cursor: Option<String>,
}

/// Lists profiles.
pub struct ListProfiles {
    store: Arc<dyn Store>,
    totals: Totals,
    cursors: CursorCodec,
    policy: Policy,
}

impl ListProfiles {
    /// Over this store, with this cursor codec and policy.
    pub fn new(store: Arc<dyn Store>, cursors: CursorCodec, policy: Policy) -> Self {
        Self {
            totals: Totals::new(Arc::clone(&store)),
            store,
            cursors,
            policy,
        }
    }

    /// A page. Strangers find active profiles alone, in the public projection.
    #[tracing::instrument(name = "profile.list", skip_all)]
    pub async fn execute(&self, caller: &Caller, list: ProfileList) -> Result<Page, UseCaseError> {
        self.policy.admit_reader(caller)?;
        let ProfileList {
            mut filter,
            order,
            page,
            limit,
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
        let counted = matches!(page, PageRequest::Offset(_));
        let position = match page {
            PageRequest::Offset(skip) => Position::Offset(skip),
            PageRequest::Cursor(cursor) => {
                Position::After(self.cursors.decode(&cursor, &filter, order)?)
            }
        };
        if hidden_only {
            return Ok(Page {
                items: Vec::new(),
                projection,
                total: counted.then_some(Counted::Exactly(0)),
                next_cursor: None,
            });
        }
        // One row more than asked tells whether there is a next page.
        let query = ProfileQuery {
            filter,
            order,
            position,
            limit: limit.saturating_add(1),
        };
        let lagging = authz::lagging(caller, self.store.lagging_profiles());
        let reader = lagging.unwrap_or(self.store.profiles());
        let mut items = reader.list(&query).await?;
        let more = items.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            items.pop();
        }
        let next_cursor = items.last().filter(|_| more).map(|last| {
            self.cursors
                .encode(&query.filter, order, &order.keyset(last))
        });
        if lagging.is_some() {
            show_own(&*self.store, caller, &mut items).await?;
        }
        let total = if counted {
            Some(self.totals.of(&query.filter).await?)
        } else {
            None
        };
        Ok(Page {
            items,
            projection,
            total,
            next_cursor,
        })
    }
}
