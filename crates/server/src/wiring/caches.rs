//! The caches: of this process, and of all replicas where `REDIS_URL` names Redis.

use std::sync::Arc;

use user_service_adapters_local::{LocalRevocationBus, MemoryReplayCache, MemorySessionCache};
use user_service_domain::clock::Clock;
use user_service_domain::health::Dependency;
use user_service_domain::idempotency::ReplayCache;
use user_service_domain::quota::SharedQuotas;
use user_service_domain::revocation::RevocationBus;
use user_service_domain::session::SessionCache;
use user_service_telemetry::Instruments;

use crate::config::Config;

/// How many people the process remembers at most.
const PEOPLE: u64 = 100_000;

/// How much of answers the process remembers at most, where there is no Redis: in bytes.
const ANSWERS: u64 = 16 * 1024 * 1024;

pub(super) struct Caches {
    pub(super) hot: Arc<dyn SessionCache>,
    pub(super) shared: Option<Arc<dyn SessionCache>>,
    pub(super) bus: Arc<dyn RevocationBus>,
    pub(super) replays: Arc<dyn ReplayCache>,
    pub(super) quotas: Option<Arc<dyn SharedQuotas>>,
    pub(super) dependency: Option<Arc<dyn Dependency>>,
}

/// Opens them; Redis need not answer yet.
pub(super) fn open(
    config: &Config,
    clock: &Arc<dyn Clock>,
    instruments: &Instruments,
) -> anyhow::Result<Caches> {
    let hot = MemorySessionCache::new(Arc::clone(clock), PEOPLE, config.redis_session_ttl);
    let hot = Arc::new(hot.measured(instruments.cache("sessions")));
    match &config.redis_url {
        Some(url) => redis(config, url, clock, hot, instruments),
        None => Ok(Caches {
            hot,
            shared: None,
            bus: Arc::new(LocalRevocationBus::default()),
            replays: Arc::new(MemoryReplayCache::new(
                Arc::clone(clock),
                ANSWERS,
                config.redis_cache_ttl,
            )),
            quotas: None,
            dependency: None,
        }),
    }
}

#[cfg(feature = "redis")]
fn redis(
    config: &Config,
    url: &secrecy::SecretString,
    clock: &Arc<dyn Clock>,
    hot: Arc<MemorySessionCache>,
    instruments: &Instruments,
) -> anyhow::Result<Caches> {
    use secrecy::ExposeSecret;
    use user_service_adapters_redis::{
        RedisOptions, RedisPool, RedisQuotas, RedisReplayCache, RedisRevocationBus,
        RedisSessionCache,
    };

    let pool = RedisPool::open(url.expose_secret(), RedisOptions::default())?;
    Ok(Caches {
        hot,
        shared: Some(Arc::new(
            RedisSessionCache::new(pool.clone(), Arc::clone(clock), config.redis_session_ttl)
                .measured(instruments.cache("shared_sessions")),
        )),
        bus: Arc::new(RedisRevocationBus::new(pool.clone())),
        replays: Arc::new(RedisReplayCache::new(
            pool.clone(),
            Arc::clone(clock),
            config.redis_cache_ttl,
        )),
        quotas: Some(Arc::new(RedisQuotas::new(pool.clone()))),
        dependency: Some(Arc::new(pool)),
    })
}

#[cfg(not(feature = "redis"))]
fn redis(
    _: &Config,
    _: &secrecy::SecretString,
    _: &Arc<dyn Clock>,
    _: Arc<MemorySessionCache>,
    _: &Instruments,
) -> anyhow::Result<Caches> {
    Err(super::NotCompiledIn::of("REDIS_URL", "redis").into())
}
