//! The promises of the caches' ports, kept by one server, by a cluster, and under Sentinels.

use std::sync::Arc;

use user_service_adapters_redis::{RedisPool, RedisQuotas};
use user_service_testdb::TestRedis;
use user_service_testkit::caches::Caches;
use user_service_testkit::quotas::Quotas;

use crate::private::{Cluster, Watched};
use crate::support::{caches, patient};

async fn fresh() -> (Caches, TestRedis) {
    let redis = TestRedis::new();
    let pool = RedisPool::open(redis.url(), patient(redis.prefix())).unwrap();
    std::future::ready((caches(&pool), redis)).await
}

async fn in_a_cluster() -> (Caches, Cluster) {
    let cluster = Cluster::start();
    let pool = RedisPool::open(&cluster.url(), patient("c:")).unwrap();
    std::future::ready((caches(&pool), cluster)).await
}

async fn under_sentinels() -> (Caches, Watched) {
    let watched = Watched::start();
    let pool = RedisPool::open(&watched.url(), patient("s:")).unwrap();
    std::future::ready((caches(&pool), watched)).await
}

user_service_testkit::cache_conformance!(fresh);
user_service_testkit::cache_conformance!(in_a_cluster, a_cluster_keeps_every_promise);
user_service_testkit::cache_conformance!(under_sentinels, a_watched_master_keeps_every_promise);

async fn buckets() -> (Quotas, TestRedis) {
    let redis = TestRedis::new();
    let pool = RedisPool::open(redis.url(), patient(redis.prefix())).unwrap();
    std::future::ready((Arc::new(RedisQuotas::new(pool)) as Quotas, redis)).await
}

user_service_testkit::quota_conformance!(buckets);
