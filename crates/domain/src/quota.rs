//! How much somebody may ask for in a time.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;

use crate::cache::CacheError;
use crate::ids::UserId;

/// A bucket that holds `burst` requests when it is full, and is refilled evenly (the Generic Cell Rate Algorithm,
/// ITU-T I.371).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    burst: NonZeroU32,
    interval: Duration,
}

impl Quota {
    /// So many requests in a time, and `burst` at once. `None` where a request would take no time at all.
    pub fn new(requests: NonZeroU32, per: Duration, burst: NonZeroU32) -> Option<Self> {
        let interval = per / requests.get();
        (interval >= Duration::from_micros(1)).then_some(Self { burst, interval })
    }

    /// How many fit into the bucket.
    pub const fn burst(self) -> NonZeroU32 {
        self.burst
    }

    /// How long it takes until there is room for one more; a microsecond at least.
    pub const fn interval(self) -> Duration {
        self.interval
    }

    /// How long it takes from an empty bucket to a full one.
    pub fn window(self) -> Duration {
        self.interval.saturating_mul(self.burst.get())
    }
}

/// Whom a request is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// Somebody whose token was verified.
    Person(UserId),
    /// Nobody who is known: where the request came from.
    Network(IpAddr),
}

impl Payer {
    /// Who sends from this address. Of IPv6 the first 64 bits count: whoever has one such address has all of them
    /// (RFC 6177).
    pub fn network(address: IpAddr) -> Self {
        Self::Network(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                Ipv6Addr::from(network).into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// The bucket of somebody under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The policy's name.
    pub policy: &'static str,
    /// Whose it is.
    pub payer: Payer,
    /// How large it is.
    pub quota: Quota,
}

/// How a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// How many requests are left.
    pub remaining: u32,
    /// What was asked for was not there; it will be after this time.
    pub wait: Option<Duration>,
}

/// Buckets that all replicas share. Who does not get an answer goes by what they counted themselves.
#[async_trait]
pub trait SharedQuotas: Send + Sync {
    /// Takes what was `spent` already, whether it is there or not, and then, where `asks`, one request if it is
    /// there. MUST be one step among all who share the bucket, and MUST go by one clock for all of them.
    async fn take(&self, bucket: Bucket, spent: u32, asks: bool) -> Result<Balance, CacheError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(requests: u32, per: u64, burst: u32) -> Option<Quota> {
        let [requests, burst] = [requests, burst].map(|n| NonZeroU32::new(n).unwrap());
        Quota::new(requests, Duration::from_secs(per), burst)
    }

    #[test]
    fn a_bucket_is_refilled_evenly() {
        let quota = quota(50, 1, 100).unwrap();
        assert_eq!(quota.interval(), Duration::from_millis(20));
        assert_eq!(quota.window(), Duration::from_secs(2));
    }

    #[test]
    fn a_request_takes_some_time() {
        assert!(quota(1_000_000, 1, 1).is_some());
        assert_eq!(quota(1_000_001, 1, 1), None);
    }

    #[test]
    fn an_address_of_ipv6_stands_for_its_network() {
        let payer = |text: &str| Payer::network(text.parse().unwrap());
        assert_eq!(payer("2001:db8:1:2:3:4:5:6"), payer("2001:db8:1:2::1"));
        assert_ne!(payer("2001:db8:1:2::1"), payer("2001:db8:1:3::1"));
        assert_ne!(payer("192.0.2.1"), payer("192.0.2.2"));
        assert_eq!(payer("::ffff:192.0.2.1"), payer("192.0.2.1"));
    }
}
