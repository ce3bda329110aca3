//! What the tests share.

use std::sync::Arc;
use std::time::{Duration, Instant};

use user_service_adapters_redis::{
    RedisOptions, RedisPool, RedisReplayCache, RedisRevocationBus, RedisSessionCache,
};
use user_service_domain::ids::UserId;
use user_service_domain::revocation::{FeedPosition, Notice};
use user_service_domain::session::{AdmissionKey, Refusal, TokenDigest, Verdict};
use user_service_testkit::FixedClock;
use user_service_testkit::caches::Caches;
use uuid::Uuid;

/// How long something may take that is sure to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Options of a patient caller: the machine may be busy.
pub(crate) fn patient(prefix: &str) -> RedisOptions {
    RedisOptions {
        prefix: prefix.to_owned(),
        command_timeout: Duration::from_secs(10),
        connect_timeout: Duration::from_secs(10),
    }
}

/// The caches over a pool.
pub(crate) fn caches(pool: &RedisPool) -> Caches {
    let clock = Arc::new(FixedClock::default());
    Caches {
        sessions: Arc::new(RedisSessionCache::new(
            pool.clone(),
            clock.clone(),
            Caches::SESSION_TTL,
        )),
        bus: Arc::new(RedisRevocationBus::new(pool.clone())),
        replays: Arc::new(RedisReplayCache::new(
            pool.clone(),
            clock.clone(),
            Caches::REPLAY_TTL,
        )),
        clock,
    }
}

pub(crate) fn some_notice() -> Notice {
    Notice {
        user_id: UserId::new(Uuid::new_v4()),
    }
}

pub(crate) fn some_key() -> AdmissionKey {
    AdmissionKey {
        user_id: UserId::new(Uuid::new_v4()),
        token: Some(TokenDigest::of(&Uuid::new_v4().to_string())),
    }
}

pub(crate) fn some_verdict() -> Verdict {
    Verdict {
        outcome: Err(Refusal::AccountInactive),
        as_of: FeedPosition(7),
    }
}

/// Waits until a get is answered; says how long that took.
pub(crate) async fn until_answered(caches: &Caches) -> Duration {
    let start = Instant::now();
    let key = some_key();
    until_ok(|| caches.sessions.get(&key)).await;
    start.elapsed()
}

/// Asks until there is an answer: a busy machine may be late for those of the service.
pub(crate) async fn until_ok<T, E, F>(mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, E>>,
{
    let start = Instant::now();
    loop {
        if let Ok(answer) = ask().await {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "no answer");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
