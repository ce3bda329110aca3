//! The promises of [`SharedQuotas`], one case each, and the one list of them: [`quota_conformance!`].
//!
//! Cases do not mind what others left behind: each makes people of its own.
//!
//! [`quota_conformance!`]: crate::quota_conformance

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use user_service_domain::ids::UserId;
use user_service_domain::quota::{Balance, Bucket, Payer, Quota, SharedQuotas};
use uuid::Uuid;

/// How long something may take that is sure to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// The buckets under test.
pub type Quotas = Arc<dyn SharedQuotas>;

/// Stamps a test for each promise. `$fresh` names an `async fn() -> (Quotas, Guard)`; the guard lives until the
/// case is over. The caller has tokio with its macros and the multi-thread runtime among its dependencies.
#[macro_export]
macro_rules! quota_conformance {
    ($fresh:ident) => {
        $crate::quota_conformance! { $fresh:
            a_bucket_gives_what_it_holds_and_no_more,
            what_was_spent_already_counts,
            a_debt_is_of_one_bucket_at_most,
            each_policy_and_each_person_has_a_bucket,
            an_empty_bucket_is_refilled,
            many_at_once_take_no_more_than_there_is,
        }
    };
    ($fresh:ident: $($case:ident,)+) => {
        mod quotas {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let (quotas, _guard) = super::$fresh().await;
                    $crate::quotas::$case(quotas).await;
                }
            )+
        }
    };
}

/// A bucket of somebody that nobody took from.
fn bucket(burst: u32, window: Duration) -> Bucket {
    let burst = NonZeroU32::new(burst).unwrap();
    Bucket {
        policy: "default",
        payer: Payer::Person(UserId::new(Uuid::new_v4())),
        quota: Quota::new(burst, window, burst).unwrap(),
    }
}

/// A bucket that is not refilled while a case runs.
fn slow(burst: u32) -> Bucket {
    bucket(burst, Duration::from_hours(24))
}

async fn ask(quotas: &Quotas, bucket: Bucket) -> Balance {
    quotas.take(bucket, 0, true).await.unwrap()
}

/// A bucket gives what it holds, says how much is left, and then when there will be more.
pub async fn a_bucket_gives_what_it_holds_and_no_more(quotas: Quotas) {
    let bucket = slow(5);
    for remaining in (0..5).rev() {
        let balance = ask(&quotas, bucket).await;
        let expected = Balance {
            remaining,
            wait: None,
        };
        assert_eq!(balance, expected);
    }
    for _ in 0..2 {
        let balance = ask(&quotas, bucket).await;
        assert_eq!(balance.remaining, 0);
        let wait = balance.wait.unwrap();
        assert!(wait <= bucket.quota.interval(), "{wait:?}");
        assert!(wait + PATIENCE > bucket.quota.interval(), "{wait:?}");
    }
}

/// What was spent already is taken, whether it is there or not, and asks for nothing.
pub async fn what_was_spent_already_counts(quotas: Quotas) {
    let bucket = slow(5);
    let spent = quotas.take(bucket, 3, false).await.unwrap();
    assert_eq!((spent.remaining, spent.wait), (2, None));
    let balance = quotas.take(bucket, 1, true).await.unwrap();
    assert_eq!((balance.remaining, balance.wait), (0, None));
    let balance = quotas.take(bucket, 2, true).await.unwrap();
    let wait = balance.wait.unwrap();
    assert!(wait > bucket.quota.interval() * 2, "{wait:?}");
}

/// Whoever spent more than two buckets waits for one to be refilled, and one request more.
pub async fn a_debt_is_of_one_bucket_at_most(quotas: Quotas) {
    let bucket = slow(5);
    quotas.take(bucket, u32::MAX, false).await.unwrap();
    let wait = ask(&quotas, bucket).await.wait.unwrap();
    assert!(wait <= bucket.quota.window() + bucket.quota.interval());
}

/// A bucket is of one policy and of one person, or network.
pub async fn each_policy_and_each_person_has_a_bucket(quotas: Quotas) {
    let first = slow(1);
    let others = [
        Bucket {
            policy: "search",
            ..first
        },
        slow(1),
        Bucket {
            payer: Payer::network("192.0.2.1".parse().unwrap()),
            policy: "one",
            ..first
        },
        Bucket {
            payer: Payer::network("2001:db8::1".parse().unwrap()),
            policy: "one",
            ..first
        },
    ];
    assert_eq!(ask(&quotas, first).await.wait, None);
    assert!(ask(&quotas, first).await.wait.is_some());
    for other in others {
        assert_eq!(ask(&quotas, other).await.wait, None, "{other:?}");
    }
}

/// After the time it named there is room again.
pub async fn an_empty_bucket_is_refilled(quotas: Quotas) {
    let bucket = bucket(2, Duration::from_millis(400));
    quotas.take(bucket, 2, false).await.unwrap();
    let begin = Instant::now();
    loop {
        let balance = ask(&quotas, bucket).await;
        let Some(wait) = balance.wait else { break };
        assert!(wait <= bucket.quota.interval(), "{wait:?}");
        assert!(begin.elapsed() < PATIENCE);
        tokio::time::sleep(wait).await;
    }
}

/// However many ask at the same time, no more are let through than there is room for.
pub async fn many_at_once_take_no_more_than_there_is(quotas: Quotas) {
    let bucket = slow(20);
    let asking: Vec<_> = (0..64)
        .map(|_| {
            let quotas = Arc::clone(&quotas);
            tokio::spawn(async move { ask(&quotas, bucket).await })
        })
        .collect();
    let mut granted = 0;
    for asked in asking {
        granted += u32::from(asked.await.unwrap().wait.is_none());
    }
    assert_eq!(granted, 20);
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = include_str!("quotas.rs");
        let names = source
            .lines()
            .filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('('));
        for (name, _) in names {
            assert!(
                source.contains(&format!(" {name},\n")),
                "{name} is not listed"
            );
        }
    }
}
