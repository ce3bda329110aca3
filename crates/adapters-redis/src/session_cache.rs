//! Verdicts and ended sessions, shared by all replicas.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use redis::{RedisResult, Script};
use user_service_domain::cache::CacheError;
use user_service_domain::clock::Clock;
use user_service_domain::ids::UserId;
use user_service_domain::session::{AdmissionKey, Cached, SessionCache, TokenDigest, Verdict};
use user_service_telemetry::CacheMeasures;

use crate::keys::field;
use crate::pool::RedisPool;
use crate::time::{after, milliseconds};
use crate::verdict;

/// How many verdicts are kept about a person: who comes with ever new tokens starts anew.
const VERDICTS: usize = 64;

/// Keeps a verdict. KEYS: the verdicts; ARGV: field, verdict, milliseconds, how many there may be.
static PUT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 \
         and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then redis.call('DEL', KEYS[1]) end \
         redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) \
         redis.call('PEXPIRE', KEYS[1], ARGV[3])",
    )
});

/// Denies a session, never for less long than before. KEYS: the denial; ARGV: its end, milliseconds.
static DENY: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local before = redis.pcall('GET', KEYS[1]) \
         before = type(before) == 'string' and tonumber(before) \
         if not before or before < tonumber(ARGV[1]) then \
         redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end",
    )
});

/// Keeps verdicts for a time to live, and denials as long as they are to last.
///
/// Moments are measured by this process's clock, as those of tokens are: Redis is told how long, not until
/// when.
pub struct RedisSessionCache {
    pool: RedisPool,
    clock: Arc<dyn Clock>,
    time_to_live: Duration,
    measures: CacheMeasures,
}

impl RedisSessionCache {
    /// With `REDIS_SESSION_TTL` as time to live of verdicts.
    pub fn new(pool: RedisPool, clock: Arc<dyn Clock>, time_to_live: Duration) -> Self {
        Self {
            pool,
            clock,
            time_to_live,
            measures: CacheMeasures::default(),
        }
    }

    /// Counts what it is asked.
    #[must_use]
    pub fn measured(self, measures: CacheMeasures) -> Self {
        Self { measures, ..self }
    }

    async fn look_up(&self, key: &AdmissionKey) -> Result<Cached, CacheError> {
        let mut question = redis::pipe();
        question
            .ignore_errors()
            .hget(self.pool.keys().verdicts(key.user_id), field(key.token));
        if let Some(token) = key.token {
            question.get(self.pool.keys().deny(key.user_id, token));
        }
        let answers: Vec<Found> = self
            .pool
            .run(|mut connection| async move {
                let answers: Vec<_> = question.query_async(&mut connection).await?;
                answers.into_iter().map(Found::of).collect()
            })
            .await?;
        let now = self.clock.now();
        let [verdict, denials @ ..] = &*answers else {
            return Ok(Cached::Miss);
        };
        if denials.iter().any(|denial| denial.denies(now)) {
            return Ok(Cached::Denied);
        }
        Ok(verdict.verdict(now).map_or(Cached::Miss, Cached::Found))
    }
}

/// What is under a key.
enum Found {
    Nothing,
    Bytes(Vec<u8>),
    /// Something of another type: nobody of ours put it there.
    Foreign,
}

impl Found {
    fn of(answer: RedisResult<Option<Vec<u8>>>) -> RedisResult<Self> {
        match answer {
            Ok(None) => Ok(Self::Nothing),
            Ok(Some(bytes)) => Ok(Self::Bytes(bytes)),
            Err(error) if error.code() == Some("WRONGTYPE") => Ok(Self::Foreign),
            Err(error) => Err(error),
        }
    }

    /// As a verdict: one that cannot be read is none.
    fn verdict(&self, now: DateTime<Utc>) -> Option<Verdict> {
        match self {
            Self::Bytes(bytes) => verdict::decode(bytes, now),
            Self::Nothing | Self::Foreign => None,
        }
    }

    /// As a denial: one that cannot be read denies all the same.
    fn denies(&self, now: DateTime<Utc>) -> bool {
        match self {
            Self::Nothing => false,
            Self::Bytes(bytes) => std::str::from_utf8(bytes)
                .ok()
                .and_then(|text| text.parse::<i64>().ok())
                .is_none_or(|until| until > now.timestamp_micros()),
            Self::Foreign => true,
        }
    }
}

#[async_trait]
impl SessionCache for RedisSessionCache {
    async fn get(&self, key: &AdmissionKey) -> Result<Cached, CacheError> {
        let found = self.look_up(key).await;
        // Without Redis nothing is known, either.
        self.measures
            .asked(matches!(found, Ok(Cached::Found(_) | Cached::Denied)));
        found
    }

    async fn put(&self, key: &AdmissionKey, verdict: &Verdict) -> Result<(), CacheError> {
        let bytes = verdict::encode(verdict, after(self.clock.now(), self.time_to_live))
            .map_err(|error| CacheError(error.into()))?;
        let mut put = PUT.key(self.pool.keys().verdicts(key.user_id));
        put.arg(field(key.token))
            .arg(bytes)
            .arg(milliseconds(self.time_to_live))
            .arg(VERDICTS);
        self.pool
            .run(|mut connection| async move { put.invoke_async(&mut connection).await })
            .await
    }

    async fn deny(
        &self,
        user_id: UserId,
        token: TokenDigest,
        until: DateTime<Utc>,
    ) -> Result<(), CacheError> {
        let Ok(lasts) = (until - self.clock.now()).to_std() else {
            return Ok(());
        };
        let mut deny = DENY.key(self.pool.keys().deny(user_id, token));
        deny.arg(until.timestamp_micros()).arg(milliseconds(lasts));
        self.pool
            .run(|mut connection| async move { deny.invoke_async(&mut connection).await })
            .await
    }

    async fn forget(&self, user_id: UserId) -> Result<(), CacheError> {
        let key = self.pool.keys().verdicts(user_id);
        self.pool
            .run(|mut connection| async move {
                redis::cmd("DEL")
                    .arg(key)
                    .query_async::<()>(&mut connection)
                    .await
            })
            .await
    }
}
