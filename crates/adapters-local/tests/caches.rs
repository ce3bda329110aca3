//! The promises of the caches' ports, kept within the process.

use std::sync::Arc;

use user_service_adapters_local::{LocalRevocationBus, MemoryReplayCache, MemorySessionCache};
use user_service_testkit::FixedClock;
use user_service_testkit::caches::Caches;

async fn fresh() -> (Caches, ()) {
    let clock = Arc::new(FixedClock::default());
    let caches = Caches {
        sessions: Arc::new(MemorySessionCache::new(
            clock.clone(),
            1000,
            Caches::SESSION_TTL,
        )),
        bus: Arc::new(LocalRevocationBus::new()),
        replays: Arc::new(MemoryReplayCache::new(
            clock.clone(),
            1 << 20,
            Caches::REPLAY_TTL,
        )),
        clock,
    };
    std::future::ready((caches, ())).await
}

user_service_testkit::cache_conformance!(fresh);
