//! Sessions that come to be by themselves.

use std::future::IntoFuture as _;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::App;
use crate::people::{Person, USERS, in_seconds};
use crate::sessions::{CHROME, listed, start};

async fn count(app: &App, person: &Person) -> usize {
    listed(app, person, &app.admin(), "all").await.len()
}

pub(crate) async fn a_token_makes_a_session_at_first_sight(app: App) {
    let ana = app.person("Ana").await;
    assert_eq!(count(&app, &ana).await, 0);
    for (claims, sessions) in [
        (json!({ "sid": "one" }), 1),
        // The session of a token is its `sid`, and its `jti` where it has none.
        (json!({ "sid": "one", "jti": "a" }), 1),
        (json!({ "jti": "one" }), 1),
        (json!({ "jti": "two" }), 2),
        (json!({}), 2),
    ] {
        let token = app.token(&ana.sub, &claims);
        for _ in 0..2 {
            app.get(&ana.path())
                .token(&token)
                .header("user-agent", CHROME)
                .await
                .is(200);
        }
        assert_eq!(count(&app, &ana).await, sessions, "{claims}");
    }
    for session in listed(&app, &ana, &app.admin(), "active").await {
        assert_eq!(session["device_type"], "web", "{session}");
        assert_eq!(session["user_agent"], CHROME);
        assert_eq!(session["ip_address"], "127.0.0.1");
    }
    let laptop = app.signed_in(&ana, "one");
    start(&app, &laptop).await.is(200);
}

pub(crate) async fn any_request_counts(app: App) {
    let ana = app.person("Ana").await;
    let ben = app.person("Ben").await;
    let body = json!({ "bio": "b" });
    let of = |session: &str| app.signed_in(&ana, session).token;
    app.get(&ben.path()).token(of("a")).await.is(200);
    app.patch(&ana.path())
        .token(of("b"))
        .json(&body)
        .await
        .is(200);
    // Refused for another reason, but the bearer was known.
    app.delete(&ben.path()).token(of("c")).await.is(403);
    app.get("/health").token(of("d")).await.is(200);
    assert_eq!(count(&app, &ana).await, 3);
}

pub(crate) async fn many_first_requests_make_one_session(app: App) {
    let ana = app.person("Ana").await;
    let laptop = app.signed_in(&ana, "laptop");
    let gets = (0..20).map(|_| app.get(&ana.path()).token(&laptop.token).into_future());
    for reply in join_all(gets).await {
        reply.is(200);
    }
    assert_eq!(count(&app, &ana).await, 1);
}

pub(crate) async fn who_has_no_profile_has_no_session(app: App) {
    let ana = app.stranger();
    let ana = app.signed_in(&ana, "laptop");
    app.get(USERS).token(&ana.token).await.is(200);
    let body = json!({ "display_name": "Ana" });
    let made = app.post(USERS).token(&ana.token).json(&body).await.is(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let ana = Person { id, ..ana };
    app.get(&ana.path()).token(&ana.token).await.is(200);
    let seen = listed(&app, &ana, &ana, "all").await;
    assert_eq!((seen.len(), &seen[0]["is_current"]), (1, &json!(true)));
}

pub(crate) async fn people_with_the_same_session_id_do_not_meet(app: App) {
    let (ana, ben) = (app.person("Ana").await, app.person("Ben").await);
    let [ana, ben] = [ana, ben].map(|person| app.signed_in(&person, "same"));
    let [one, other] = [
        start(&app, &ana).await.is(201).json(),
        start(&app, &ben).await.is(201).json(),
    ];
    assert_ne!(one["id"], other["id"]);
    let theirs = format!("{}/{}", ana.sessions(), other["id"].as_str().unwrap());
    app.delete(&theirs)
        .token(&ana.token)
        .await
        .coded(404, "session-not-found");
    app.delete(&format!("{}/current", ana.sessions()))
        .token(&ana.token)
        .await
        .is(204);
    app.get(&ana.path())
        .token(&ana.token)
        .await
        .refused("session-ended");
    app.get(&ben.path()).token(&ben.token).await.is(200);
    assert_eq!(listed(&app, &ben, &ben, "active").await.len(), 1);
}

pub(crate) async fn tracking_can_be_turned_off(mut app: App) {
    let ana = app.person("Ana").await;
    app.restart_with("TRACK_SESSIONS", "false").await;
    let [laptop, phone] = ["laptop", "phone"].map(|session| app.signed_in(&ana, session));
    app.get(&ana.path()).token(&laptop.token).await.is(200);
    assert_eq!(count(&app, &ana).await, 0);
    start(&app, &phone).await.is(201);
    assert_eq!(count(&app, &ana).await, 1);
    app.delete(&format!("{}/current", ana.sessions()))
        .token(&laptop.token)
        .await
        .coded(404, "session-not-found");
    app.delete(&format!("{}/current", ana.sessions()))
        .token(&phone.token)
        .await
        .is(204);
    app.get(&ana.path())
        .token(&phone.token)
        .await
        .refused("session-ended");
    app.get(&ana.path()).token(&laptop.token).await.is(200);
}

pub(crate) async fn a_session_lasts_as_long_as_its_tokens(mut app: App) {
    let ana = app.person("Ana").await;
    let expiry = |seen: &[Value]| seen[0]["expires_at"].as_str().unwrap().to_owned();
    let laptop = app.signed_in(&ana, "laptop");
    start(&app, &laptop).await.is(201);
    let first = expiry(&listed(&app, &ana, &laptop, "active").await);
    let longer = app.bearing(&ana, &json!({ "sid": "laptop", "exp": in_seconds(7200) }));
    app.get(&ana.path()).token(&longer.token).await.is(200);
    app.stop_gracefully().await;
    app.restart().await;
    let seen = listed(&app, &ana, &app.admin(), "active").await;
    assert!(expiry(&seen) > first, "{seen:?}");
    assert_eq!(seen.len(), 1);
}
