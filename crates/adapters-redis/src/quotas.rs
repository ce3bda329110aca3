//! Buckets that all replicas share.

use std::sync::LazyLock;
use std::time::Duration;

use async_trait::async_trait;
use redis::Script;
use user_service_domain::cache::CacheError;
use user_service_domain::quota::{Balance, Bucket, SharedQuotas};

use crate::pool::RedisPool;

/// Takes from a bucket, by Redis's own clock. What is kept is the moment at which the bucket will be full, in
/// microseconds. What was spent already may lead one whole bucket below empty, and no further.
/// KEYS: the bucket; ARGV: microseconds a request, requests a bucket, requests spent, 1 to ask for one more.
/// Answers how many are left, and after how many microseconds what was asked for will be there.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME') \
         local now = time[1] * 1000000 + time[2] \
         local interval, window = tonumber(ARGV[1]), ARGV[1] * ARGV[2] \
         local full_at = redis.pcall('GET', KEYS[1]) \
         full_at = type(full_at) == 'string' and tonumber(full_at) or now \
         full_at = math.min(math.max(full_at, now) + interval * ARGV[3], now + 2 * window) \
         local wait = 0 \
         if ARGV[4] == '1' then \
         wait = math.max(full_at + interval - now - window, 0) \
         if wait == 0 then full_at = full_at + interval end end \
         redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000) + 1) \
         return {math.floor(math.max(now + window - full_at, 0) / interval), math.ceil(wait)}",
    )
});

/// Keeps buckets until they are full.
pub struct RedisQuotas {
    pool: RedisPool,
}

impl RedisQuotas {
    /// Over this pool.
    pub fn new(pool: RedisPool) -> Self {
        Self { pool }
    }
}

#[async_trait]
impl SharedQuotas for RedisQuotas {
    async fn take(&self, bucket: Bucket, spent: u32, asks: bool) -> Result<Balance, CacheError> {
        let mut take = TAKE.key(self.pool.keys().quota(bucket.policy, bucket.payer));
        let interval = bucket.quota.interval().as_micros();
        take.arg(u64::try_from(interval).unwrap_or(u64::MAX))
            .arg(bucket.quota.burst().get())
            .arg(spent)
            .arg(u8::from(asks));
        let (remaining, wait): (u32, u64) = self
            .pool
            .run(|mut connection| async move { take.invoke_async(&mut connection).await })
            .await?;
        Ok(Balance {
            remaining,
            wait: (wait > 0).then(|| Duration::from_micros(wait)),
        })
    }
}
