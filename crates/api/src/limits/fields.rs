//! The fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), as lists of RFC 9651.

use std::time::Duration;

use actix_web::http::header::HeaderValue;
use user_service_domain::quota::{Balance, Quota};

/// Up to so many requests left the field is written beforehand.
const WRITTEN: u32 = 1000;

/// What responses of one policy say.
pub(super) struct Fields {
    name: &'static str,
    quota: Quota,
    policy: HeaderValue,
    /// By how many are left.
    written: Vec<HeaderValue>,
}

impl Fields {
    pub(super) fn new(name: &'static str, quota: Quota) -> Self {
        let policy = format!(
            "\"{name}\";q={};w={}",
            quota.burst(),
            seconds(quota.window())
        );
        let written = (0..=quota.burst().get().min(WRITTEN))
            .map(|remaining| limit(name, remaining, refill(quota, remaining)))
            .collect();
        Self {
            name,
            quota,
            policy: HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("")),
            written,
        }
    }

    /// The value of `RateLimit-Policy`.
    pub(super) fn policy(&self) -> HeaderValue {
        self.policy.clone()
    }

    /// The value of `RateLimit`: `t` is when the bucket will be full, or, where nothing was left, when there will be
    /// room for one.
    pub(super) fn limit(&self, balance: Balance) -> HeaderValue {
        if let Some(wait) = balance.wait {
            return limit(self.name, 0, wait);
        }
        let remaining = usize::try_from(balance.remaining).ok();
        match remaining.and_then(|remaining| self.written.get(remaining)) {
            Some(value) => value.clone(),
            None => limit(
                self.name,
                balance.remaining,
                refill(self.quota, balance.remaining),
            ),
        }
    }
}

/// How long it takes to fill what is missing.
fn refill(quota: Quota, remaining: u32) -> Duration {
    let missing = quota.burst().get().saturating_sub(remaining);
    quota.interval().saturating_mul(missing)
}

fn limit(name: &str, remaining: u32, time: Duration) -> HeaderValue {
    let value = format!("\"{name}\";r={remaining};t={}", seconds(time));
    HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Whole seconds, rounded up, at least one.
pub(super) fn seconds(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn fields(requests: u32, burst: u32) -> Fields {
        let [requests, burst] = [requests, burst].map(|n| NonZeroU32::new(n).unwrap());
        let quota = Quota::new(requests, Duration::from_secs(1), burst).unwrap();
        Fields::new("default", quota)
    }

    fn left(remaining: u32) -> Balance {
        Balance {
            remaining,
            wait: None,
        }
    }

    #[test]
    fn fields_tell_quota_window_and_what_is_left() {
        let fields = fields(50, 100);
        assert_eq!(fields.policy(), "\"default\";q=100;w=2");
        assert_eq!(fields.limit(left(99)), "\"default\";r=99;t=1");
        assert_eq!(fields.limit(left(0)), "\"default\";r=0;t=2");
        let refused = Balance {
            remaining: 0,
            wait: Some(Duration::from_millis(2100)),
        };
        assert_eq!(fields.limit(refused), "\"default\";r=0;t=3");
    }

    #[test]
    fn a_large_bucket_is_told_as_well() {
        let fields = fields(10_000, 20_000);
        assert_eq!(fields.limit(left(15_000)), "\"default\";r=15000;t=1");
    }
}
