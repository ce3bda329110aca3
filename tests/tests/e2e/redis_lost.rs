//! Two processes whose Redis goes away.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::App;
use crate::people::{Person, USERS};
use crate::redis::Redis;
use crate::replicas::{
    TICK, WARM, ask, becomes, becomes_healthy, becomes_refused, known_for_long, pair, revoke,
    signed_in,
};

pub(crate) async fn what_is_remembered_does_not_outlive_a_killed_redis(app: App) {
    let mut redis = Redis::start().await;
    let settings = [("REDIS_URL", &*redis.url()), ("REDIS_SESSION_TTL", "3600")];
    let [a, b] = pair(app, &settings).await;
    let ana = signed_in(&a, "Ana").await;
    known_for_long(&b, &ana).await;
    redis.kill();
    let since = revoke(&a, &ana).await;
    becomes_refused(&b, &ana, since, "session-ended").await;
    redis.run().await;
    for replica in [&a, &b] {
        becomes_healthy(replica, "healthy").await;
        ask(replica, &ana).await.refused("session-ended");
    }
}

pub(crate) async fn what_is_remembered_does_not_outlive_a_frozen_redis(app: App) {
    let redis = Redis::start().await;
    let settings = [("REDIS_URL", &*redis.url()), ("REDIS_SESSION_TTL", "3600")];
    let [a, b] = pair(app, &settings).await;
    let (ana, ben) = (signed_in(&a, "Ana").await, signed_in(&a, "Ben").await);
    tokio::join!(known_for_long(&b, &ana), known_for_long(&b, &ben));
    redis.freeze();
    let asked = Instant::now();
    let since = revoke(&a, &ana).await;
    let took = since - asked;
    assert!(took < Duration::from_secs(5), "waited {took:?} for Redis");
    becomes_refused(&b, &ana, since, "session-ended").await;
    ask(&b, &ben).await.is(200);
    a.set_active(&ben, false).await;
    becomes_refused(&b, &ben, Instant::now(), "account-ended").await;
    // What Redis kept from before is no truth when it goes on.
    redis.thaw();
    let third = a.replica(&[]).await;
    for replica in [&a, &b, &third] {
        becomes_healthy(replica, "healthy").await;
        ask(replica, &ana).await.refused("session-ended");
        ask(replica, &ben).await.refused("account-ended");
    }
    a.set_active(&ben, true).await;
    let since = Instant::now();
    for replica in [&b, &third] {
        becomes(replica, &ben, since, 200).await;
    }
}

pub(crate) async fn what_is_remembered_does_not_outlive_lost_notices(app: App) {
    let redis = Redis::start().await;
    // The one that revokes knows no Redis: no notice is sent, no session denied there.
    let settings = [("REDIS_URL", &*redis.url()), ("REDIS_SESSION_TTL", "3600")];
    let b = app.replica(&settings).await;
    let a = app;
    let (ana, ben) = (signed_in(&a, "Ana").await, signed_in(&a, "Ben").await);
    tokio::join!(known_for_long(&b, &ana), known_for_long(&b, &ben));
    let since = revoke(&a, &ana).await;
    becomes_refused(&b, &ana, since, "session-ended").await;
    a.set_active(&ben, false).await;
    becomes_refused(&b, &ben, Instant::now(), "account-ended").await;
    let third = a.replica(&settings).await;
    for person in [&ana, &ben] {
        known_as_refused_for_long(&third, person).await;
    }
}

/// Is refused again and again, also when the process begins to trust what it finds in Redis.
async fn known_as_refused_for_long(app: &App, bearer: &Person) {
    let end = Instant::now() + WARM;
    while Instant::now() < end {
        assert_eq!(ask(app, bearer).await.status, 401);
        tokio::time::sleep(TICK).await;
    }
}

pub(crate) async fn a_lost_redis_breaks_no_request(app: App) {
    const BEARERS: usize = 8;
    let mut redis = Redis::start().await;
    let replicas = pair(app, &[("REDIS_URL", &redis.url())]).await;
    let [a, b] = &replicas;
    let bearers = join_all((0..BEARERS).map(|_| signed_in(a, "Ana"))).await;
    let done = AtomicBool::new(false);
    let (asked, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let load = async |n: usize| {
        while !done.load(Ordering::Relaxed) {
            let reply = ask(&replicas[n % 2], &bearers[n]).await;
            asked.fetch_add(1, Ordering::Relaxed);
            if reply.status != 200 {
                failed.lock().unwrap().push((reply.status, reply.text()));
            }
        }
    };
    // Sessions come and go all the while, through either process.
    let change = async |app: &App, other: &App| {
        for _ in 0..3 {
            let person = signed_in(app, "Ana").await;
            ask(other, &person).await.is(200);
            let since = revoke(app, &person).await;
            becomes_refused(other, &person, since, "session-ended").await;
        }
    };
    let story = async {
        for replica in &replicas {
            becomes_healthy(replica, "healthy").await;
        }
        for harm in ["kill", "freeze"] {
            change(a, b).await;
            if harm == "kill" {
                redis.kill();
            } else {
                redis.freeze();
            }
            change(b, a).await;
            for replica in &replicas {
                becomes_healthy(replica, "degraded").await;
            }
            change(a, b).await;
            if harm == "kill" {
                redis.run().await;
            } else {
                redis.thaw();
            }
            change(b, a).await;
            for replica in &replicas {
                becomes_healthy(replica, "healthy").await;
            }
            change(a, b).await;
        }
        done.store(true, Ordering::Relaxed);
    };
    tokio::join!(story, join_all((0..BEARERS).map(load)));
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}: {:?}", failed.len(), failed.first());
    assert!(asked.into_inner() > 1000);
}

pub(crate) async fn a_service_starts_without_the_redis_it_was_told_of(app: App) {
    let mut redis = Redis::absent();
    let [a, b] = pair(app, &[("REDIS_URL", &redis.url())]).await;
    for replica in [&a, &b] {
        becomes_healthy(replica, "degraded").await;
        replica.get("/health/ready").await.is(200);
        let plain = replica.get("/health").await.is(200).json();
        assert_eq!(plain["status"], "degraded", "{plain}");
    }
    let ana = signed_in(&a, "Ana").await;
    known_for_long(&b, &ana).await;
    let body = json!({ "display_name": "Ben" });
    let ben = a.stranger();
    for replica in [&a, &b] {
        let post = replica.post(USERS).token(&ben.token).json(&body);
        post.header("idempotency-key", "k").await.is(201);
    }
    let since = revoke(&a, &ana).await;
    becomes_refused(&b, &ana, since, "session-ended").await;
    redis.run().await;
    for replica in [&a, &b] {
        becomes_healthy(replica, "healthy").await;
        ask(replica, &ana).await.refused("session-ended");
    }
}
