//! Forms of the URL, and what is said of what is wrong.

use std::error::Error;
use std::sync::Arc;

use user_service_adapters_redis::{OpenError, RedisOptions, RedisPool, RedisQuotas};
use user_service_domain::health::Dependency as _;
use user_service_domain::session::Cached;
use user_service_testkit::caches::Caches;
use user_service_testkit::quotas::Quotas;

use crate::private::{PrivateRedis, Watched};
use crate::support::{caches, patient, some_key, some_verdict, until_answered, until_ok};

/// All that an error says, its causes included.
fn told(error: &dyn Error) -> String {
    let cause = error.source().map(told).unwrap_or_default();
    format!("{error} {error:?} {cause}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_of_unix_will_do() {
    let mut server = PrivateRedis::absent(&["--unixsocket", "redis.sock"]);
    server.run();
    let socket = server.home().join("redis.sock");
    let url = format!("redis+unix://{}", socket.display());
    let pool = RedisPool::open(&url, patient("u:")).unwrap();
    pool.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_opens_and_a_wrong_one_is_not_told() {
    let server = PrivateRedis::start(&["--requirepass", "hunter2"]);
    let url = |password: &str| format!("redis://:{password}@127.0.0.1:{}", server.port);
    let pool = RedisPool::open(&url("hunter2"), patient("p:")).unwrap();
    pool.check().await.unwrap();
    for wrong in [url("swordfish"), server.url()] {
        let pool = RedisPool::open(&wrong, patient("p:")).unwrap();
        let error = caches(&pool).sessions.get(&some_key()).await.unwrap_err();
        let text = told(&error);
        assert!(text.contains("credentials"), "{text}");
        for secret in ["swordfish", "hunter2", "127.0.0.1"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test]
async fn what_is_no_url_is_refused_at_once() {
    let options = RedisOptions::default();
    let error = RedisPool::open("http://u:hunter2@127.0.0.1", options.clone()).err();
    let text = told(&error.unwrap());
    assert!(text.contains("redis+sentinel"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    let braces = RedisOptions {
        prefix: "{a}".to_owned(),
        ..options
    };
    let error = RedisPool::open("redis://127.0.0.1", braces).err();
    assert_eq!(error, Some(OpenError::Prefix));
}

#[test]
fn without_a_runtime_there_is_no_pool() {
    let error = RedisPool::open("redis://127.0.0.1", RedisOptions::default()).err();
    assert_eq!(error, Some(OpenError::Runtime));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_master_is_followed() {
    let mut watched = Watched::start();
    let options = RedisOptions {
        prefix: "s:".to_owned(),
        ..RedisOptions::default()
    };
    let pool = RedisPool::open(&watched.url(), options).unwrap();
    let caches = caches(&pool);
    until_answered(&caches).await;
    let mut heard = until_ok(|| caches.bus.subscribe()).await;
    watched.master.kill();
    assert_eq!(heard.next().await, None);
    until_answered(&caches).await;
    // A replica would have answered reads: only a master takes verdicts.
    let key = some_key();
    let verdict = some_verdict();
    until_ok(|| caches.sessions.put(&key, &verdict)).await;
    let found = until_ok(|| caches.sessions.get(&key)).await;
    assert_eq!(found, Cached::Found(verdict));
}

/// A server on which the account of `docs/REDIS.md` was made as it is written there.
async fn pool_with_the_rights_in_the_docs() -> (RedisPool, PrivateRedis) {
    let server = PrivateRedis::start(&[]);
    let mut words = include_str!("../../../../docs/REDIS.md")
        .lines()
        .find(|line| line.starts_with("ACL SETUSER user-service "))
        .unwrap()
        .split_whitespace();
    let mut made = redis::cmd(words.next().unwrap());
    words.for_each(|word| {
        made.arg(word);
    });
    made.query::<()>(&mut server.connect().unwrap()).unwrap();
    let url = format!("redis://user-service:password@127.0.0.1:{}/1", server.port);
    let options = patient(&RedisOptions::default().prefix);
    let pool = RedisPool::open(&url, options).unwrap();
    std::future::ready((pool, server)).await
}

async fn with_the_rights_in_the_docs() -> (Caches, PrivateRedis) {
    let (pool, server) = pool_with_the_rights_in_the_docs().await;
    (caches(&pool), server)
}

async fn buckets_with_the_rights_in_the_docs() -> (Quotas, PrivateRedis) {
    let (pool, server) = pool_with_the_rights_in_the_docs().await;
    (Arc::new(RedisQuotas::new(pool)), server)
}

user_service_testkit::quota_conformance!(buckets_with_the_rights_in_the_docs);

user_service_testkit::cache_conformance!(
    with_the_rights_in_the_docs,
    the_rights_in_the_docs_are_enough
);
