//! The buckets of this process.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota as Cells, RateLimiter};
use user_service_domain::quota::{Balance, Payer, Quota};

/// How many buckets are kept one by one. Each takes some 40 bytes.
const BUCKETS: usize = 100_000;

/// Buckets that those share who come while there are too many.
const CROWDS: u64 = 4096;

/// Parts that are locked apart from each other.
const PARTS: usize = 16;

/// Whose bucket it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Owner {
    One(Payer),
    Crowd(u64),
}

type Part =
    RateLimiter<Owner, HashMapStateStore<Owner>, MonotonicClock, StateInformationMiddleware>;

/// Buckets of one policy. A bucket that is full is not kept: it is as good as new.
pub(super) struct LocalBuckets {
    parts: Vec<Part>,
    hasher: RandomState,
    crowded: AtomicBool,
}

impl LocalBuckets {
    /// Each holds so much.
    pub(super) fn new(quota: Quota) -> Self {
        let cells = Cells::with_period(quota.interval())
            .unwrap_or(Cells::per_second(quota.burst()))
            .allow_burst(quota.burst());
        let part = || Part::new(cells, HashMapStateStore::default(), MonotonicClock);
        Self {
            parts: (0..PARTS).map(|_| part()).collect(),
            hasher: RandomState::new(),
            crowded: AtomicBool::new(false),
        }
    }

    /// Takes one request, if it is there.
    pub(super) fn take(&self, payer: Payer) -> Balance {
        let crowd = self.hasher.hash_one(payer) % CROWDS;
        let owner = if self.crowded.load(Ordering::Relaxed) {
            Owner::Crowd(crowd)
        } else {
            Owner::One(payer)
        };
        let part = usize::try_from(crowd).unwrap_or_default() % PARTS;
        let Some(part) = self.parts.get(part) else {
            return Balance {
                remaining: 0,
                wait: None,
            };
        };
        match part.check_key(&owner) {
            Ok(state) => Balance {
                remaining: state.remaining_burst_capacity(),
                wait: None,
            },
            Err(not_yet) => Balance {
                remaining: 0,
                wait: Some(not_yet.wait_time_from(MonotonicClock.now())),
            },
        }
    }

    /// Forgets full buckets. While too many others remain, whoever comes shares one of a fixed number.
    pub(super) fn sweep(&self) {
        let mut kept = 0;
        for part in &self.parts {
            part.retain_recent();
            part.shrink_to_fit();
            kept += part.len();
        }
        self.crowded.store(kept > BUCKETS, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;
    use std::num::NonZeroU32;
    use std::time::Duration;

    use super::*;

    fn buckets(burst: u32, window: Duration) -> LocalBuckets {
        let burst = NonZeroU32::new(burst).unwrap();
        LocalBuckets::new(Quota::new(burst, window, burst).unwrap())
    }

    fn payer(number: u64) -> Payer {
        Payer::network(Ipv6Addr::from(u128::from(number) << 64).into())
    }

    fn kept(buckets: &LocalBuckets) -> usize {
        buckets.parts.iter().map(RateLimiter::len).sum()
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_no_more() {
        let buckets = buckets(3, Duration::from_hours(1));
        let left: Vec<_> = (0..3).map(|_| buckets.take(payer(1)).remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let wait = buckets.take(payer(1)).wait.unwrap();
        assert!(wait <= Duration::from_mins(20), "{wait:?}");
        assert_eq!(buckets.take(payer(2)).remaining, 2);
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let buckets = buckets(1, Duration::from_millis(1));
        for number in 0..1000 {
            buckets.take(payer(number));
        }
        std::thread::sleep(Duration::from_millis(5));
        buckets.sweep();
        assert_eq!(kept(&buckets), 0);
    }

    #[test]
    fn however_many_come_the_buckets_stay_within_bounds() {
        let buckets = buckets(1, Duration::from_hours(1));
        let many = u64::try_from(BUCKETS).unwrap();
        for number in 0..=many {
            buckets.take(payer(number));
        }
        buckets.sweep();
        for number in many * 2..many * 4 {
            buckets.take(payer(number));
        }
        let crowds = usize::try_from(CROWDS).unwrap();
        assert!(kept(&buckets) <= BUCKETS + 1 + crowds, "{}", kept(&buckets));
        // Who comes in a crowd is limited with it.
        assert!(buckets.take(payer(many * 5)).wait.is_some());
    }
}
