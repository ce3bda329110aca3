//! Given responses, shared by all replicas.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use user_service_domain::cache::CacheError;
use user_service_domain::clock::Clock;
use user_service_domain::idempotency::{Fingerprint, KeyDigest, ReplayCache, StoredResponse};
use user_service_domain::ids::ProfileId;

use crate::hex;
use crate::pool::RedisPool;
use crate::response;
use crate::time::{after, milliseconds};

/// Keeps responses for a time to live, and per profile which they are.
pub struct RedisReplayCache {
    pool: RedisPool,
    clock: Arc<dyn Clock>,
    time_to_live: Duration,
}

impl RedisReplayCache {
    /// With `REDIS_CACHE_TTL` as time to live.
    pub fn new(pool: RedisPool, clock: Arc<dyn Clock>, time_to_live: Duration) -> Self {
        Self {
            pool,
            clock,
            time_to_live,
        }
    }
}

#[async_trait]
impl ReplayCache for RedisReplayCache {
    async fn get(
        &self,
        key: KeyDigest,
    ) -> Result<Option<(Fingerprint, StoredResponse)>, CacheError> {
        let name = self.pool.keys().replay(&key);
        let kept: Option<Vec<u8>> = self
            .pool
            .run(|mut connection| async move {
                let answer = redis::cmd("GET")
                    .arg(name)
                    .query_async(&mut connection)
                    .await;
                match answer {
                    Err(error) if error.code() == Some("WRONGTYPE") => Ok(None),
                    answer => answer,
                }
            })
            .await?;
        Ok(kept.and_then(|bytes| response::decode(&bytes, self.clock.now())))
    }

    async fn put(
        &self,
        key: KeyDigest,
        fingerprint: Fingerprint,
        about: ProfileId,
        response: &StoredResponse,
    ) -> Result<(), CacheError> {
        let now = self.clock.now();
        let until = after(now, self.time_to_live);
        let bytes = response::encode(fingerprint, response, until)
            .map_err(|error| CacheError(error.into()))?;
        let lasts = milliseconds(self.time_to_live);
        let name = self.pool.keys().replay(&key);
        let list = self.pool.keys().replays(about);
        let mut listed = redis::pipe();
        listed
            .zadd(&list, hex::encode(&key.0), until.timestamp_millis())
            .ignore()
            .zrembyscore(&list, "-inf", now.timestamp_millis())
            .ignore()
            .cmd("PEXPIRE")
            .arg(&list)
            .arg(lasts)
            .ignore();
        self.pool
            .run(|mut connection| async move {
                // Listed first: a response that is not listed could not be forgotten.
                listed.query_async::<()>(&mut connection).await?;
                redis::cmd("SET")
                    .arg(name)
                    .arg(bytes)
                    .arg("PX")
                    .arg(lasts)
                    .query_async(&mut connection)
                    .await
            })
            .await
    }

    async fn forget(&self, about: ProfileId) -> Result<(), CacheError> {
        let list = self.pool.keys().replays(about);
        let keys = self.pool.keys().clone();
        self.pool
            .run(|mut connection| async move {
                let digests: Vec<String> = redis::cmd("ZRANGE")
                    .arg(&list)
                    .arg(0)
                    .arg(-1)
                    .query_async(&mut connection)
                    .await?;
                if digests.is_empty() {
                    return Ok(());
                }
                // One command each, sent together: in a cluster each may be on another node.
                try_join_all(digests.iter().map(|digest| {
                    let mut connection = connection.clone();
                    let name = keys.replay_of(digest);
                    async move {
                        redis::cmd("DEL")
                            .arg(name)
                            .query_async::<()>(&mut connection)
                            .await
                    }
                }))
                .await?;
                // Only these: others may have been listed meanwhile.
                redis::cmd("ZREM")
                    .arg(list)
                    .arg(digests)
                    .query_async(&mut connection)
                    .await
            })
            .await
    }
}
