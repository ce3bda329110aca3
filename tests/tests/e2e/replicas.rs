//! Two processes of the service on one database.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::activity::last_activity;
use crate::capping;
use crate::client::Reply;
use crate::harness::App;
use crate::people::{Person, USERS};
use crate::redis::Redis;
use crate::sessions::start;

/// Within this time a revocation holds everywhere.
const EVERYWHERE: Duration = Duration::from_secs(1);
/// How long a process may take to notice that Redis went or came.
const PATIENCE: Duration = Duration::from_secs(20);
/// A process trusts nothing that it keeps before it has run this long.
pub(crate) const WARM: Duration = Duration::from_secs(3);
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// This service again, and a second process; both with these settings.
pub(crate) async fn pair(mut app: App, settings: &[(&str, &str)]) -> [App; 2] {
    for (name, value) in settings {
        app.set(name, value);
    }
    app.restart().await;
    let replica = app.replica(&[]).await;
    [app, replica]
}

/// Somebody who is signed in.
pub(crate) async fn signed_in(app: &App, name: &str) -> Person {
    let person = app.person(name).await;
    let person = app.signed_in(&person, "laptop");
    start(app, &person).await.is(201);
    person
}

pub(crate) async fn ask(app: &App, bearer: &Person) -> Reply {
    // Whoever is let in gets an answer, also without a profile.
    app.get(&format!("{USERS}?limit=1"))
        .token(&bearer.token)
        .await
}

/// Is let in again and again, so long that whatever can be remembered is.
pub(crate) async fn known_for_long(app: &App, bearer: &Person) {
    let end = Instant::now() + WARM;
    while Instant::now() < end {
        ask(app, bearer).await.is(200);
        tokio::time::sleep(TICK).await;
    }
}

/// Asks until the answer is this one: all that is asked a second after the change or later gets it.
pub(crate) async fn becomes(app: &App, bearer: &Person, since: Instant, status: u16) -> Reply {
    loop {
        let asked = Instant::now();
        let reply = ask(app, bearer).await;
        if reply.status == status {
            return reply;
        }
        assert!([200, 401].contains(&reply.status), "{}", reply.text());
        let late = asked.saturating_duration_since(since);
        assert!(
            late < EVERYWHERE,
            "{} after {late:?}: {}",
            reply.status,
            reply.text()
        );
        tokio::time::sleep(TICK).await;
    }
}

/// Becomes refused, and stays so.
pub(crate) async fn becomes_refused(app: &App, bearer: &Person, since: Instant, code: &str) {
    becomes(app, bearer, since, 401).await.refused(code);
    for _ in 0..5 {
        ask(app, bearer).await.refused(code);
    }
}

/// Ends the session of this bearer; the moment of the answer.
pub(crate) async fn revoke(app: &App, bearer: &Person) -> Instant {
    app.delete(&format!("{}/current", bearer.sessions()))
        .token(&bearer.token)
        .await
        .is(204);
    Instant::now()
}

/// How the service says it is.
async fn health(app: &App) -> Value {
    app.get("/health/ready?verbose").await.is(200).json()
}

/// Waits until the service says so of itself, where it tells of its health and in its metrics.
pub(crate) async fn becomes_healthy(app: &App, status: &str) {
    let up = |status: &Value| u8::from(status == "healthy");
    let gauge = format!(
        "user_service_dependency_up{{dependency=\"redis\"}} {}",
        up(&json!(status))
    );
    let end = Instant::now() + PATIENCE;
    loop {
        let health = health(app).await;
        let redis = ["down", "up"][usize::from(up(&health["status"]))];
        assert_eq!(health["dependencies"]["redis"], redis, "{health}");
        let metrics = app.get("/metrics").await.is(200).text();
        if health["status"] == status && metrics.lines().any(|line| line == gauge) {
            return;
        }
        assert!(Instant::now() < end, "{health}\n{metrics}");
        tokio::time::sleep(TICK).await;
    }
}

pub(crate) async fn the_cap_holds_through_two_replicas_without_redis(app: App) {
    let [a, b] = pair(app, &[]).await;
    capping::race(&[&a, &b]).await;
}

pub(crate) async fn the_cap_holds_through_two_replicas_with_redis(app: App) {
    let redis = Redis::start().await;
    let [a, b] = pair(app, &[("REDIS_URL", &redis.url())]).await;
    capping::race(&[&a, &b]).await;
}

pub(crate) async fn what_one_replica_revokes_the_other_refuses_without_redis(app: App) {
    revocations_hold_everywhere(&pair(app, &[]).await).await;
}

pub(crate) async fn what_one_replica_revokes_the_other_refuses_with_redis(app: App) {
    let redis = Redis::start().await;
    let [a, b] = pair(app, &[("REDIS_URL", &redis.url())]).await;
    becomes_healthy(&a, "healthy").await;
    revocations_hold_everywhere(&[a, b]).await;
}

async fn revocations_hold_everywhere([a, b]: &[App; 2]) {
    const ROUNDS: usize = 5;
    for round in 0..ROUNDS {
        let people = ["Ana", "Ben", "Cid"].map(|name| signed_in(a, name));
        let people = join_all(people).await;
        let [ana, ben, cid] = [&people[0], &people[1], &people[2]];
        if round == 0 {
            join_all(people.iter().map(|person| known_for_long(b, person))).await;
        }
        for person in &people {
            ask(a, person).await.is(200);
            ask(b, person).await.is(200);
        }
        let since = revoke(a, ana).await;
        ask(a, ana).await.refused("session-ended");
        becomes_refused(b, ana, since, "session-ended").await;

        a.set_active(ben, false).await;
        let since = Instant::now();
        ask(a, ben).await.refused("account-ended");
        becomes_refused(b, ben, since, "account-ended").await;
        a.set_active(ben, true).await;
        let since = Instant::now();
        ask(a, ben).await.is(200);
        becomes(b, ben, since, 200).await.is(200);

        a.delete(&cid.path()).token(a.admin().token).await.is(204);
        let since = Instant::now();
        ask(a, cid).await.refused("account-ended");
        becomes_refused(b, cid, since, "account-ended").await;
    }
}

pub(crate) async fn an_evicted_session_is_refused_by_the_other(app: App) {
    let [a, b] = pair(app, &[("MAX_ACTIVE_SESSIONS", "1")]).await;
    let ana = signed_in(&a, "Ana").await;
    known_for_long(&b, &ana).await;
    start(&a, &a.signed_in(&ana, "phone")).await.is(201);
    becomes_refused(&b, &ana, Instant::now(), "session-ended").await;
}

pub(crate) async fn a_replayed_answer_is_the_same_everywhere(app: App) {
    let redis = Redis::start().await;
    let [a, b] = pair(app, &[("REDIS_URL", &redis.url())]).await;
    let ana = a.stranger();
    let body = json!({ "display_name": "Ana" });
    let post = |app: &App| {
        app.post(USERS)
            .token(&ana.token)
            .header("idempotency-key", "k")
            .json(&body)
    };
    let first = post(&a).await.is(201);
    for replica in [&b, &a] {
        let again = post(replica).await.is(201);
        assert_eq!(again.body, first.body);
        for name in ["location", "etag"] {
            assert_eq!(again.header(name), first.header(name));
        }
    }
    // What was removed is not told of again.
    let path = format!("{USERS}/{}", first.json()["id"].as_str().unwrap());
    a.delete(&path).token(a.admin().token).await.is(204);
    let later = b.later(&ana);
    let again = b
        .post(USERS)
        .token(&later.token)
        .header("idempotency-key", "k")
        .json(&body)
        .await
        .is(201);
    assert_ne!(again.json()["id"], first.json()["id"]);
}

pub(crate) async fn activity_never_moves_back(mut app: App) {
    let mut replica = app.replica(&[]).await;
    let ana = app.person("Ana").await;
    let laptop = app.signed_in(&ana, "laptop");
    start(&app, &laptop).await.is(201);
    ask(&app, &laptop).await.is(200);
    ask(&replica, &laptop).await.is(200);
    // The later use is written first.
    assert_eq!(
        replica.stop_gracefully().await,
        Some(0),
        "{}",
        replica.logs()
    );
    let later = last_activity(&app, &ana).await;
    assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
    replica.restart().await;
    assert_eq!(last_activity(&replica, &ana).await, later);
}
