//! What all replicas count together, without keeping anybody waiting.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::timeout;
use user_service_domain::quota::{Balance, Bucket, Payer, SharedQuotas};

/// How long a request waits for the shared count.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long nobody asks after there was no answer in time.
const REST: Duration = Duration::from_secs(1);

/// Buckets of which every request is counted at once.
const SMALL: u32 = 20;

/// How many accounts are kept; whoever comes while there are more is counted by this process alone.
const ACCOUNTS: usize = 100_000;

/// What this process knows about somebody's bucket.
struct Account {
    /// Requests that were granted here and that the others do not know of yet.
    spent: u32,
    /// Until then every request asks, as the shared bucket was found half empty.
    asks_until: Instant,
    /// When it was used last.
    used_at: Instant,
    /// How long it takes until what is not reported does not matter any more.
    window: Duration,
}

/// Most requests are granted by what this process counts, and reported together later. Only who has used up half of
/// a bucket, here or with all replicas together, and who has a small one, waits for the shared count.
pub(super) struct Accounts {
    shared: Arc<dyn SharedQuotas>,
    by_payer: Mutex<HashMap<(&'static str, Payer), Account>>,
    rests_until: Mutex<Option<Instant>>,
}

/// What is to be done about a request.
enum Step {
    Nothing,
    Report(u32),
    Ask(u32),
}

impl Accounts {
    pub(super) fn new(shared: Arc<dyn SharedQuotas>) -> Self {
        Self {
            shared,
            by_payer: Mutex::default(),
            rests_until: Mutex::default(),
        }
    }

    /// A request that this process grants, and how its own bucket is then; answers what holds for all replicas, or
    /// else the same.
    pub(super) async fn take(self: &Arc<Self>, bucket: Bucket, local: Balance) -> Balance {
        match self.step(bucket, local) {
            Step::Nothing => local,
            Step::Report(spent) => {
                let accounts = Arc::clone(self);
                tokio::spawn(async move { accounts.report(bucket, spent).await });
                local
            }
            Step::Ask(spent) => match self.ask(bucket, spent, true).await {
                Some(shared) => Balance {
                    remaining: shared.remaining.min(local.remaining),
                    wait: shared.wait,
                },
                None => local,
            },
        }
    }

    /// Forgets accounts that do not matter any more.
    pub(super) fn sweep(&self) {
        let now = Instant::now();
        let mut accounts = self.accounts();
        accounts
            .retain(|_, account| now < (account.used_at + account.window).max(account.asks_until));
        accounts.shrink_to_fit();
    }

    fn step(&self, bucket: Bucket, local: Balance) -> Step {
        let now = Instant::now();
        if self.rests(now) {
            return Step::Nothing;
        }
        let burst = bucket.quota.burst().get();
        let mut accounts = self.accounts();
        let full = accounts.len() >= ACCOUNTS;
        let account = match accounts.entry((bucket.policy, bucket.payer)) {
            Entry::Occupied(account) => account.into_mut(),
            Entry::Vacant(_) if full => return Step::Nothing,
            Entry::Vacant(place) => place.insert(Account {
                spent: 0,
                asks_until: now,
                used_at: now,
                window: bucket.quota.window(),
            }),
        };
        account.used_at = now;
        if burst <= SMALL || local.remaining <= burst / 2 || now < account.asks_until {
            return Step::Ask(std::mem::take(&mut account.spent));
        }
        account.spent += 1;
        // A tenth of a bucket is what a replica may keep to itself.
        if account.spent >= burst / 10 {
            return Step::Report(std::mem::take(&mut account.spent));
        }
        Step::Nothing
    }

    async fn report(&self, bucket: Bucket, spent: u32) {
        self.ask(bucket, spent, false).await;
    }

    async fn ask(&self, bucket: Bucket, spent: u32, asks: bool) -> Option<Balance> {
        let answer = timeout(PATIENCE, self.shared.take(bucket, spent, asks)).await;
        let now = Instant::now();
        let Ok(Ok(balance)) = answer else {
            *self.rest() = Some(now + REST);
            return None;
        };
        let half = bucket.quota.burst().get() / 2;
        if balance.remaining <= half {
            let until = now
                + bucket
                    .quota
                    .interval()
                    .saturating_mul(half - balance.remaining + 1);
            if let Some(account) = self.accounts().get_mut(&(bucket.policy, bucket.payer)) {
                account.asks_until = account.asks_until.max(until);
            }
        }
        Some(balance)
    }

    fn rests(&self, now: Instant) -> bool {
        self.rest().is_some_and(|until| now < until)
    }

    fn rest(&self) -> MutexGuard<'_, Option<Instant>> {
        self.rests_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<(&'static str, Payer), Account>> {
        self.by_payer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use user_service_domain::cache::CacheError;
    use user_service_domain::quota::Quota;

    use super::*;

    /// A shared count that is always the same, fails, or never answers.
    struct Fixed {
        answer: Option<Result<Balance, ()>>,
        asked: AtomicU32,
        spent: AtomicU32,
    }

    #[async_trait]
    impl SharedQuotas for Fixed {
        async fn take(&self, _: Bucket, spent: u32, asks: bool) -> Result<Balance, CacheError> {
            self.asked.fetch_add(u32::from(asks), Ordering::Relaxed);
            self.spent.fetch_add(spent, Ordering::Relaxed);
            match self.answer {
                Some(answer) => answer.map_err(|()| CacheError("away".into())),
                None => std::future::pending().await,
            }
        }
    }

    fn over(answer: Option<Result<Balance, ()>>) -> (Arc<Fixed>, Arc<Accounts>) {
        let fixed = Arc::new(Fixed {
            answer,
            asked: AtomicU32::new(0),
            spent: AtomicU32::new(0),
        });
        let accounts = Accounts::new(Arc::clone(&fixed) as Arc<dyn SharedQuotas>);
        (fixed, Arc::new(accounts))
    }

    fn bucket(burst: u32) -> Bucket {
        let burst = NonZeroU32::new(burst).unwrap();
        Bucket {
            policy: "default",
            payer: Payer::network("192.0.2.1".parse().unwrap()),
            quota: Quota::new(burst, Duration::from_hours(1), burst).unwrap(),
        }
    }

    fn left(remaining: u32) -> Balance {
        Balance {
            remaining,
            wait: None,
        }
    }

    #[tokio::test]
    async fn most_requests_ask_nobody_and_are_reported_together() {
        let (shared, accounts) = over(Some(Ok(left(90))));
        for remaining in (60..100).rev() {
            assert_eq!(
                accounts.take(bucket(100), left(remaining)).await,
                left(remaining)
            );
        }
        while shared.spent.load(Ordering::Relaxed) < 40 {
            tokio::task::yield_now().await;
        }
        assert_eq!(shared.asked.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn who_used_up_half_of_a_bucket_asks_with_all_that_was_spent() {
        let (shared, accounts) = over(Some(Ok(left(7))));
        for remaining in [53, 52, 51] {
            accounts.take(bucket(100), left(remaining)).await;
        }
        assert_eq!(accounts.take(bucket(100), left(50)).await, left(7));
        assert_eq!(shared.spent.load(Ordering::Relaxed), 3);
        // Others have used it: now every request asks.
        assert_eq!(accounts.take(bucket(100), left(99)).await, left(7));
        assert_eq!(shared.asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn what_all_replicas_refuse_is_refused() {
        let refused = Balance {
            remaining: 0,
            wait: Some(Duration::from_secs(3)),
        };
        let (_, accounts) = over(Some(Ok(refused)));
        assert_eq!(accounts.take(bucket(10), left(9)).await, refused);
    }

    #[tokio::test(start_paused = true)]
    async fn a_shared_count_that_fails_or_is_late_is_left_alone() {
        for answer in [Some(Err(())), None] {
            let (shared, accounts) = over(answer);
            for _ in 0..100 {
                assert_eq!(accounts.take(bucket(10), left(9)).await, left(9));
            }
            assert_eq!(shared.asked.load(Ordering::Relaxed), 1);
        }
    }

    #[test]
    fn accounts_that_do_not_matter_are_forgotten() {
        let (_, accounts) = over(Some(Ok(left(9))));
        let mut bucket = bucket(100);
        bucket.quota = Quota::new(
            bucket.quota.burst(),
            Duration::from_millis(1),
            bucket.quota.burst(),
        )
        .unwrap();
        accounts.step(bucket, left(99));
        std::thread::sleep(Duration::from_millis(2));
        accounts.sweep();
        assert!(accounts.accounts().is_empty());
    }
}
