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

/// A total that could not be counted anew is counted again after so long.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

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
                    self.count_beside(filter.clone(), Arc::clone(&large));
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
                let large = count(&*self.store, filter).await;
                Arc::new(large.unwrap_or_else(|_| Large::unknown()))
            })
            .await;
        Ok(large.total)
    }

    fn count_beside(&self, filter: ProfileFilter, before: Arc<Large>) {
        let (store, totals) = (Arc::clone(&self.store), self.large.clone());
        tokio::spawn(async move {
            match count(&*store, &filter).await {
                Ok(large) if matches!(large.total, Counted::Exactly(total) if total <= COUNTED) => {
                    totals.invalidate(&filter).await;
                }
                Ok(large) => totals.insert(filter, Arc::new(large)).await,
                Err(_) => totals.insert(filter, Arc::new(before.to_try_again())).await,
            }
        });
    }
}

impl Large {
    /// There are many, and counting them takes too long.
    fn unknown() -> Self {
        let now = Instant::now();
        Self {
            total: Counted::AtLeast(COUNTED),
            due: now + GOOD_FOR,
            good_until: now + 2 * GOOD_FOR,
            is_counted: AtomicBool::new(false),
        }
    }

    /// The same total, no longer good than it was.
    fn to_try_again(&self) -> Self {
        Self {
            total: self.total,
            due: Instant::now() + AGAIN_AFTER,
            good_until: self.good_until,
            is_counted: AtomicBool::new(false),
        }
    }
}

async fn count(store: &dyn Store, filter: &ProfileFilter) -> Result<Large, StoreError> {
    let started = Instant::now();
    let profiles = store.lagging_profiles().unwrap_or(store.profiles());
    let total = profiles.count(filter, u64::MAX).await?;
    let counted_at = Instant::now();
    let good_for = GOOD_FOR.max((counted_at - started) * TIMES);
    Ok(Large {
        total,
        due: counted_at + good_for,
        good_until: counted_at + 2 * good_for,
        is_counted: AtomicBool::new(false),
    })
}
