//! Servers that are killed, restarted, frozen, or not there yet.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use user_service_adapters_redis::{RedisOptions, RedisPool};
use user_service_domain::health::Dependency as _;
use user_service_domain::session::Cached;
use user_service_testkit::caches::Caches;

use crate::private::PrivateRedis;
use crate::support::{
    PATIENCE, caches, patient, some_key, some_notice, some_verdict, until_answered, until_ok,
};

/// How long a single command may take on a busy machine; 100 ms are allowed to Redis.
const SOON: Duration = Duration::from_millis(500);
/// How long a server may answer again before that is noticed: the breaker's rest, and a little.
const RECOVERY: Duration = Duration::from_secs(4);

/// The caches with the options of the service.
fn over(server: &PrivateRedis) -> (RedisPool, Caches) {
    let pool = RedisPool::open(&server.url(), RedisOptions::default()).unwrap();
    let caches = caches(&pool);
    (pool, caches)
}

/// The caches with options of a patient caller.
fn patiently_over(server: &PrivateRedis) -> Caches {
    caches(&RedisPool::open(&server.url(), patient("p:")).unwrap())
}

/// Asks until the breaker is open; no single answer is late.
async fn until_left_alone(caches: &Caches) {
    let mut failures = 0;
    loop {
        let start = Instant::now();
        let error = caches.sessions.get(&some_key()).await.unwrap_err();
        assert!(start.elapsed() < SOON, "after {:?}", start.elapsed());
        if error.0.to_string().contains("left alone") {
            break;
        }
        failures += 1;
        assert!(failures <= 5, "{failures} failures: {}", error.0);
    }
}

/// Nobody waits for a server that is left alone.
async fn assert_at_once(caches: &Caches) {
    let start = Instant::now();
    for _ in 0..100 {
        caches.sessions.get(&some_key()).await.unwrap_err();
    }
    assert!(start.elapsed() < SOON, "100 took {:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_fails_soon_then_at_once_and_is_found_again() {
    let mut server = PrivateRedis::start(&[]);
    let (pool, caches) = over(&server);
    until_answered(&caches).await;
    assert!(pool.is_up());
    server.kill();
    until_left_alone(&caches).await;
    assert!(!pool.is_up());
    assert_at_once(&caches).await;
    pool.check().await.unwrap_err();

    server.run();
    let took = until_answered(&caches).await;
    assert!(took < RECOVERY, "{took:?}");
    assert!(pool.is_up());
    until_ok(|| pool.check()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quick_restart_costs_no_rest() {
    let mut server = PrivateRedis::start(&[]);
    let (_pool, caches) = over(&server);
    until_answered(&caches).await;
    server.kill();
    server.run();
    let took = until_answered(&caches).await;
    assert!(took < SOON, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_fails_soon_then_at_once_and_is_found_again() {
    let server = PrivateRedis::start(&[]);
    let (pool, caches) = over(&server);
    let key = some_key();
    until_answered(&caches).await;
    let verdict = some_verdict();
    until_ok(|| caches.sessions.put(&key, &verdict)).await;
    server.freeze();
    until_left_alone(&caches).await;
    assert!(!pool.is_up());
    assert_at_once(&caches).await;

    server.thaw();
    let took = until_answered(&caches).await;
    assert!(took < RECOVERY, "{took:?}");
    assert!(pool.is_up());
    let found = until_ok(|| caches.sessions.get(&key)).await;
    assert_eq!(found, Cached::Found(verdict));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stays_frozen_is_asked_once_in_a_while() {
    let server = PrivateRedis::start(&[]);
    let (_pool, caches) = over(&server);
    until_answered(&caches).await;
    server.freeze();
    until_left_alone(&caches).await;
    let (start, mut probes) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(4) {
        let error = caches.sessions.get(&some_key()).await.unwrap_err();
        if !error.0.to_string().contains("left alone") {
            probes += 1;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!((1..=4).contains(&probes), "{probes} probes");
    server.thaw();
    let took = until_answered(&caches).await;
    assert!(took < RECOVERY, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_ends_with_its_server() {
    let mut server = PrivateRedis::start(&[]);
    let (_pool, caches) = over(&server);
    let mut heard = until_ok(|| caches.bus.subscribe()).await;
    server.kill();
    let start = Instant::now();
    assert_eq!(timeout(PATIENCE, heard.next()).await.unwrap(), None);
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(heard.next().await, None);
    assert!(caches.bus.subscribe().await.is_err());

    server.run();
    let mut heard = until_ok(|| caches.bus.subscribe()).await;
    let notice = some_notice();
    let notices = [notice];
    until_ok(|| caches.bus.publish(&notices)).await;
    assert_eq!(heard.next().await, Some(notice));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_ends_when_its_server_is_frozen() {
    let server = PrivateRedis::start(&[]);
    let (_pool, caches) = over(&server);
    let mut heard = until_ok(|| caches.bus.subscribe()).await;
    server.freeze();
    let start = Instant::now();
    // Also for a caller who waits in short turns.
    let ended = timeout(PATIENCE, async {
        loop {
            if let Ok(notice) = timeout(Duration::from_millis(10), heard.next()).await {
                break notice;
            }
        }
    });
    assert_eq!(ended.await.unwrap(), None);
    let took = start.elapsed();
    assert!(took < Duration::from_millis(1500), "{took:?}");
    let start = Instant::now();
    assert!(caches.bus.subscribe().await.is_err());
    assert!(start.elapsed() < SOON * 2, "{:?}", start.elapsed());
    server.thaw();
    until_ok(|| caches.bus.subscribe()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_channel_stays_open() {
    let server = PrivateRedis::start(&[]);
    let caches = patiently_over(&server);
    let mut heard = caches.bus.subscribe().await.unwrap();
    let silence = timeout(Duration::from_secs(2), heard.next()).await;
    assert!(silence.is_err(), "{silence:?}");
    let notice = some_notice();
    caches.bus.publish(&[notice]).await.unwrap();
    assert_eq!(heard.next().await, Some(notice));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_listen_must_subscribe_again() {
    let server = PrivateRedis::start(&[]);
    let caches = patiently_over(&server);
    let mut slow = caches.bus.subscribe().await.unwrap();
    let mut quick = caches.bus.subscribe().await.unwrap();
    let mut heard = 0;
    while heard < 10_000 {
        let notices: Vec<_> = (0..1000).map(|_| some_notice()).collect();
        caches.bus.publish(&notices).await.unwrap();
        for _ in &notices {
            assert!(quick.next().await.is_some());
            heard += 1;
        }
    }
    let ended = timeout(PATIENCE, async { while slow.next().await.is_some() {} }).await;
    assert!(ended.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_may_start_before_redis() {
    let mut server = PrivateRedis::absent(&[]);
    let (pool, caches) = over(&server);
    assert!(!pool.is_up());
    assert!(caches.bus.subscribe().await.is_err());
    until_left_alone(&caches).await;
    server.run();
    let took = until_answered(&caches).await;
    assert!(took < RECOVERY, "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_harms_nobody() {
    let server = PrivateRedis::start(&[]);
    let caches = patiently_over(&server);
    let (key, verdict) = (some_key(), some_verdict());
    caches.sessions.put(&key, &verdict).await.unwrap();
    for _ in 0..200 {
        let _ = timeout(Duration::ZERO, caches.sessions.get(&some_key())).await;
        let found = caches.sessions.get(&key).await.unwrap();
        assert_eq!(found, Cached::Found(verdict));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_a_dependency_that_one_can_do_without() {
    let server = PrivateRedis::start(&[]);
    let (pool, caches) = over(&server);
    assert_eq!(pool.name(), "redis");
    assert!(!pool.is_essential());
    until_answered(&caches).await;
    until_ok(|| pool.check()).await;
    server.freeze();
    let start = Instant::now();
    pool.check().await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(1));
}
