//! Ending sessions.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Reply;
use crate::harness::{App, Engine};
use crate::people::{Person, in_seconds};
use crate::sessions::{listed, start};

const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(50);

/// Somebody with this many sessions, called `0`, `1` and so on.
async fn signed_in(app: &App, sessions: usize) -> (Person, Vec<Person>, Vec<String>) {
    let ana = app.person("Ana").await;
    let (mut bearers, mut ids) = (Vec::new(), Vec::new());
    for n in 0..sessions {
        let bearer = app.signed_in(&ana, &n.to_string());
        let made = start(app, &bearer).await.is(201).json();
        ids.push(made["id"].as_str().unwrap().to_owned());
        bearers.push(bearer);
    }
    (ana, bearers, ids)
}

async fn end(app: &App, person: &Person, which: &str, caller: &Person) -> Reply {
    app.delete(&format!("{}/{which}", person.sessions()))
        .token(&caller.token)
        .await
}

async fn refused(app: &App, bearer: &Person) {
    let reply = app.get(&bearer.path()).token(&bearer.token).await;
    reply.refused("session-ended");
}

async fn let_in(app: &App, bearer: &Person) {
    app.get(&bearer.path()).token(&bearer.token).await.is(200);
}

/// The ended sessions with their reasons, by id.
async fn reasons(app: &App, person: &Person) -> Vec<(String, String)> {
    let mut seen: Vec<_> = listed(app, person, &app.admin(), "ended")
        .await
        .iter()
        .map(|session| {
            assert_eq!(session["is_active"], false, "{session}");
            assert!(session["ended_at"].is_string(), "{session}");
            assert_eq!(session["ended_at"], session["logout_at"]);
            let text = |member: &str| session[member].as_str().unwrap().to_owned();
            (text("id"), text("ended_reason"))
        })
        .collect();
    seen.sort();
    seen
}

pub(crate) async fn a_session_is_ended_by_its_id(app: App) {
    let (ana, bearers, ids) = signed_in(&app, 5).await;
    let callers = [
        (&bearers[0], "revoked"),
        (&bearers[2], "logout"),
        (&app.admin(), "revoked"),
        (&app.service("sessions:write"), "revoked"),
    ];
    let mut expected = Vec::new();
    for (id, (caller, reason)) in ids[1..].iter().zip(callers) {
        end(&app, &ana, id, caller).await.is(204);
        expected.push((id.clone(), reason.to_owned()));
    }
    expected.sort();
    assert_eq!(reasons(&app, &ana).await, expected);
    for bearer in &bearers[1..] {
        refused(&app, bearer).await;
        start(&app, bearer).await.refused("session-ended");
    }
    let_in(&app, &bearers[0]).await;
    // What is over stays as it is.
    for (id, _) in &expected {
        end(&app, &ana, id, &app.admin()).await.is(204);
    }
    assert_eq!(reasons(&app, &ana).await, expected);
}

pub(crate) async fn current_stands_for_the_callers_own_session(app: App) {
    let (ana, bearers, ids) = signed_in(&app, 2).await;
    end(&app, &ana, "current", &bearers[1]).await.is(204);
    refused(&app, &bearers[1]).await;
    let_in(&app, &bearers[0]).await;
    assert_eq!(
        reasons(&app, &ana).await,
        [(ids[1].clone(), "logout".to_owned())]
    );
    let ben = app.person("Ben").await;
    let admin = app.bearing(&ben, &json!({ "sid": "0", "roles": ["admin"] }));
    for caller in [&ana, &admin, &app.admin()] {
        end(&app, &ana, "current", caller)
            .await
            .coded(404, "session-not-found");
    }
    let_in(&app, &bearers[0]).await;
}

pub(crate) async fn an_unknown_session_is_not_found(app: App) {
    let (ana, _, ids) = signed_in(&app, 1).await;
    let ben = app.person("Ben").await;
    let admin = app.admin();
    let nobody = Uuid::new_v4().to_string();
    for id in [nobody.as_str(), "1", "Current", "%00", &ids[0][1..]] {
        end(&app, &ana, id, &admin)
            .await
            .coded(404, "session-not-found");
    }
    end(&app, &ben, &ids[0], &admin)
        .await
        .coded(404, "session-not-found");
    end(&app, &ana, &ids[0], &ben).await.problem(403);
    assert_eq!(listed(&app, &ana, &admin, "active").await.len(), 1);
}

pub(crate) async fn all_others_are_ended(app: App) {
    let (ana, bearers, _) = signed_in(&app, 4).await;
    let path = format!("{}?except=current", ana.sessions());
    let others = async || app.delete(&path).token(&bearers[3].token).await.is(200);
    let told = others().await.json();
    assert_eq!(told["revoked_count"], 3, "{told}");
    assert!(
        told["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    for bearer in &bearers[..3] {
        refused(&app, bearer).await;
    }
    let_in(&app, &bearers[3]).await;
    assert_eq!(others().await.json()["revoked_count"], 0);
    let ended = reasons(&app, &ana).await;
    assert_eq!(ended.len(), 3);
    assert!(ended.iter().all(|(_, reason)| reason == "revoked"));
}

pub(crate) async fn all_are_ended(app: App) {
    let (ana, bearers, _) = signed_in(&app, 3).await;
    let admin = app.admin();
    app.delete(&format!("{}?except=others", ana.sessions()))
        .token(&admin.token)
        .await
        .bad_parameters(&["except"]);
    app.delete(&format!("{}?expect=current", ana.sessions()))
        .token(&admin.token)
        .await
        .bad_parameters(&["expect"]);
    let ben = app.person("Ben").await;
    for caller in [&ben, &app.service("sessions:read users:write")] {
        app.delete(&ana.sessions())
            .token(&caller.token)
            .await
            .problem(403);
    }
    assert_eq!(listed(&app, &ana, &admin, "active").await.len(), 3);
    let all = async |caller: &Person| {
        let told = app.delete(&ana.sessions()).token(&caller.token).await;
        told.is(200).json()["revoked_count"].clone()
    };
    assert_eq!(all(&bearers[1]).await, 3);
    for bearer in &bearers {
        refused(&app, bearer).await;
    }
    assert_eq!(all(&admin).await, 0);
    // The account itself goes on.
    let_in(&app, &app.signed_in(&ana, "new")).await;
}

pub(crate) async fn an_ended_session_does_not_begin_again(app: App) {
    let (ana, bearers, ids) = signed_in(&app, 1).await;
    end(&app, &ana, &ids[0], &app.admin()).await.is(204);
    let newer = app.bearing(&ana, &json!({ "sid": "0", "exp": in_seconds(7200) }));
    refused(&app, &newer).await;
    start(&app, &newer).await.refused("session-ended");
    let body = json!({ "session_token": "0" });
    app.post(&ana.sessions())
        .token(app.admin().token)
        .json(&body)
        .await
        .coded(409, "session-over");
    refused(&app, &bearers[0]).await;
}

pub(crate) async fn the_end_can_be_fixed(app: App) {
    let ana = app.person("Ana").await;
    let laptop = app.signed_in(&ana, "laptop");
    let until = DateTime::from_timestamp(in_seconds(3), 0).unwrap();
    let until = until.to_rfc3339_opts(SecondsFormat::Micros, true);
    let made = app
        .post(&ana.sessions())
        .token(&laptop.token)
        .json(&json!({ "expires_at": until }))
        .await
        .is(201)
        .json();
    let same = |value: &Value| {
        let time = value.as_str().unwrap().parse::<DateTime<chrono::Utc>>();
        assert_eq!(
            time.unwrap(),
            until.parse::<DateTime<chrono::Utc>>().unwrap()
        );
    };
    same(&made["expires_at"]);
    let end = Instant::now() + PATIENCE;
    loop {
        let reply = app.get(&ana.path()).token(&laptop.token).await;
        if reply.status == 401 {
            reply.refused("session-ended");
            break;
        }
        reply.is(200);
        assert!(Instant::now() < end, "it does not end");
        tokio::time::sleep(TICK).await;
    }
    assert!(in_seconds(0) >= until.parse::<DateTime<chrono::Utc>>().unwrap().timestamp());
    let seen = listed(&app, &ana, &app.admin(), "ended").await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["ended_reason"], "expired");
    same(&seen[0]["expires_at"]);
    same(&seen[0]["ended_at"]);
    refused(&app, &laptop).await;
    start(&app, &laptop).await.refused("session-ended");
}

/// Uses a session all the while until its token is over.
async fn used_up(app: &App, bearer: &Person) {
    let end = Instant::now() + PATIENCE;
    loop {
        let reply = app.get(&bearer.path()).token(&bearer.token).await;
        if reply.status == 401 {
            return reply.refused("invalid-token");
        }
        reply.is(200);
        assert!(Instant::now() < end, "it does not expire");
        tokio::time::sleep(TICK).await;
    }
}

pub(crate) async fn an_expired_session_is_taken_up_by_a_newer_token(mut app: App) {
    app.restart_with("JWT_LEEWAY", "0").await;
    let ana = app.person("Ana").await;
    let short = app.bearing(&ana, &json!({ "sid": "s", "exp": in_seconds(4) }));
    start(&app, &short).await.is(201);
    used_up(&app, &short).await;
    assert!(listed(&app, &ana, &ana, "active").await.is_empty());
    let seen = listed(&app, &ana, &ana, "ended").await;
    assert_eq!(seen[0]["ended_reason"], "expired");
    assert_eq!(seen[0]["ended_at"], seen[0]["expires_at"]);
    // It only lapsed: a newer token of it goes on with it.
    let newer = app.signed_in(&ana, "s");
    let_in(&app, &newer).await;
    let active = listed(&app, &ana, &newer, "active").await;
    assert_eq!(active.len(), 1);
    assert_eq!(active[0]["id"], seen[0]["id"]);
    assert_eq!(active[0]["is_current"], true);
}

pub(crate) async fn what_is_taken_up_again_counts_for_the_cap(mut app: App) {
    app.set("MAX_ACTIVE_SESSIONS", "1");
    app.restart_with("JWT_LEEWAY", "0").await;
    let ana = app.person("Ana").await;
    let short = app.bearing(&ana, &json!({ "sid": "s", "exp": in_seconds(4) }));
    start(&app, &short).await.is(201);
    used_up(&app, &short).await;
    let other = app.signed_in(&ana, "other");
    let_in(&app, &other).await;
    let newer = app.signed_in(&ana, "s");
    let_in(&app, &newer).await;
    refused(&app, &other).await;
    for _ in 0..2 {
        let active = listed(&app, &ana, &newer, "active").await;
        assert_eq!(active.len(), 1, "{active:?}");
        assert_eq!(active[0]["is_current"], true);
        // What is only remembered is written down when the service stops.
        app.stop_gracefully().await;
        app.restart().await;
    }
}

pub(crate) async fn sessions_of_long_ago_are_pruned(mut app: App) {
    let (ana, bearers, ids) = signed_in(&app, 4).await;
    for id in &ids[..2] {
        end(&app, &ana, id, &app.admin()).await.is(204);
    }
    let prune = async |app: &App| {
        let outcome = app.run(&["sessions", "prune"]).await.exits(0);
        outcome.stdout.trim().to_owned()
    };
    assert_eq!(
        prune(&app).await,
        "expired: 0, forgotten: 0, addresses dropped: 0"
    );
    // The same moments, four years earlier.
    let engine = app.engine;
    let ago = |columns: &[&str]| {
        let set = columns.iter().map(|column| match engine {
            Engine::Sqlite => {
                format!("{column} = (substr({column}, 1, 4) - 4) || substr({column}, 5)")
            }
            Engine::Postgres => format!("{column} = {column} - interval '4 years'"),
            Engine::MySql => format!("{column} = {column} - interval 4 year"),
        });
        let set = set.collect::<Vec<_>>().join(", ");
        format!("UPDATE user_sessions SET {set}")
    };
    let lived = ["created_at", "last_activity_at", "expires_at"];
    let ended = ago(&[&lived[..], &["ended_at"]].concat());
    app.sql(&format!("{ended} WHERE ended_at IS NOT NULL"))
        .await;
    assert_eq!(
        prune(&app).await,
        "expired: 0, forgotten: 2, addresses dropped: 0"
    );
    let seen = listed(&app, &ana, &app.admin(), "all").await;
    assert_eq!(seen.len(), 2);
    let_in(&app, &bearers[3]).await;
    // Whoever was not seen for long keeps the session, but not its address.
    let unused = ago(&["created_at", "last_activity_at"]);
    app.stop_gracefully().await;
    app.sql(&format!("{unused} WHERE ended_at IS NULL")).await;
    let pruned = prune(&app).await;
    assert_eq!(pruned, "expired: 0, forgotten: 0, addresses dropped: 2");
    app.restart().await;
    let seen = listed(&app, &ana, &app.admin(), "all").await;
    assert_eq!(seen.len(), 2);
    assert!(
        seen.iter().all(|session| session["ip_address"].is_null()),
        "{seen:?}"
    );
    // One that lapsed long ago is first written down as expired, then forgotten.
    app.sql(&ago(&["expires_at"])).await;
    assert_eq!(
        prune(&app).await,
        "expired: 2, forgotten: 2, addresses dropped: 0"
    );
    assert!(listed(&app, &ana, &app.admin(), "all").await.is_empty());
}
