//! Totals of lists, without counting a million rows for each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::future::Cache;
use tokio::time::Instant;
use user_service_domain::profile::{Counted, ProfileFilter};
use user_service_domain::store::{Store, StoreError};

/// Up to so many are counted for each page.
const COUNTED: u64 = 1_000;

/// How long a total of more is good, and as long again while it is counted anew.
const GOOD_FOR: Duration = Duration::from_secs(10);

/// It is good for at least so many times what counting took: counting takes up no more than a hundredth of a
/// connection, however many rows there are.
const TIMES: u32 = 100;

/// For so many filters totals are remembered.
const FILTERS: u64 = 1_000;

/// Totals: exact up to a thousand; beyond, of some seconds ago, and counted by one request for all.
pub(super) struct Totals {
    store: Arc<dyn Store>,
    large: Cache<ProfileFilter, Arc<Large>>,
}

struct Large {
    total: Counted,
    due: Instant,
    good_until: Instant,
    is_counted: AtomicBool,
}

impl Totals {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            large: Cache::new(FILTERS),
        }
    }

    /// How many match. `AtLeast` only where the store could not count them in time.
    pub(super) async fn of(&self, filter: &ProfileFilter) -> Result<Counted, StoreError> {
        let now = Instant::now();
        if let Some(large) = self.large.get(filter).await {
            if now < large.good_until {
                if now >= large.due && !large.is_counted.swap(true, Ordering::AcqRel) {
                    self.count_beside(filter.clone());
                }
                return Ok(large.total);
            }
            self.large.invalidate(filter).await;
        }
        let counted = self.store.profiles().count(filter, COUNTED).await?;
        if let Counted::Exactly(_) = counted {
            return Ok(counted);
        }
        let large = self
            .large
            .get_with_by_ref(filter, async {
                Arc::new(count(&*self.store, filter).await)
            })
            .await;
        Ok(large.total)
    }

    fn count_beside(&self, filter: ProfileFilter) {
        let (store, totals) = (Arc::clone(&self.store), self.large.clone());
        tokio::spawn(async move {
            let large = count(&*store, &filter).await;
            match large.total {
                Counted::Exactly(total) if total <= COUNTED => totals.invalidate(&filter).await,
                _ => totals.insert(filter, Arc::new(large)).await,
            }
        });
    }
}

async fn count(store: &dyn Store, filter: &ProfileFilter) -> Large {
    let started = Instant::now();
    let profiles = store.lagging_profiles().unwrap_or(store.profiles());
    let counted = profiles.count(filter, u64::MAX).await;
    let counted_at = Instant::now();
    let good_for = GOOD_FOR.max((counted_at - started) * TIMES);
    Large {
        total: counted.unwrap_or(Counted::AtLeast(COUNTED)),
        due: counted_at + good_for,
        good_until: counted_at + 2 * good_for,
        is_counted: AtomicBool::new(false),
    }
}
