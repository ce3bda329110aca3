//! How many sessions of a person may be active.

use std::future::IntoFuture as _;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::App;
use crate::people::Person;
use crate::sessions::{listed, start};

async fn refused(app: &App, bearer: &Person) {
    let reply = app.get(&bearer.path()).token(&bearer.token).await;
    reply.refused("session-ended");
}

pub(crate) async fn the_oldest_goes_for_one_more(app: App) {
    let ana = app.person("Ana").await;
    let bearers: Vec<_> = (0..7)
        .map(|n| app.signed_in(&ana, &n.to_string()))
        .collect();
    for (n, bearer) in bearers.iter().enumerate() {
        // Whether it is asked for or comes to be by itself.
        if n % 2 == 0 {
            start(&app, bearer).await.is(201);
        } else {
            app.get(&ana.path()).token(&bearer.token).await.is(200);
        }
        let active = listed(&app, &ana, &app.admin(), "active").await;
        assert_eq!(active.len(), (n + 1).min(5));
    }
    for bearer in &bearers[..2] {
        refused(&app, bearer).await;
        start(&app, bearer).await.refused("session-ended");
    }
    for bearer in &bearers[2..] {
        app.get(&ana.path()).token(&bearer.token).await.is(200);
    }
    let ended = listed(&app, &ana, &app.admin(), "ended").await;
    assert_eq!(ended.len(), 2);
    for session in ended {
        assert_eq!(session["ended_reason"], "evicted", "{session}");
    }
}

pub(crate) async fn the_cap_is_of_each_person(mut app: App) {
    app.restart_with("MAX_ACTIVE_SESSIONS", "1").await;
    let (ana, ben) = (app.person("Ana").await, app.person("Ben").await);
    let [one, two] = ["1", "2"].map(|session| app.signed_in(&ana, session));
    let other = app.signed_in(&ben, "1");
    for bearer in [&one, &other, &two] {
        start(&app, bearer).await.is(201);
    }
    refused(&app, &one).await;
    app.get(&ben.path()).token(&other.token).await.is(200);
    // One that ended makes room for another.
    app.delete(&format!("{}/current", ana.sessions()))
        .token(&two.token)
        .await
        .is(204);
    start(&app, &app.signed_in(&ana, "3")).await.is(201);
    let ended = listed(&app, &ana, &app.admin(), "ended").await;
    let reasons: Vec<_> = ended.iter().map(|s| s["ended_reason"].clone()).collect();
    assert!(reasons.contains(&json!("logout")) && reasons.contains(&json!("evicted")));
    assert_eq!(reasons.len(), 2);
}

pub(crate) async fn there_need_be_no_cap(mut app: App) {
    app.restart_with("MAX_ACTIVE_SESSIONS", "0").await;
    let ana = app.person("Ana").await;
    let bearers: Vec<_> = (0..12)
        .map(|n| app.signed_in(&ana, &n.to_string()))
        .collect();
    for bearer in &bearers {
        start(&app, bearer).await.is(201);
    }
    for bearer in &bearers {
        app.get(&ana.path()).token(&bearer.token).await.is(200);
    }
    assert_eq!(listed(&app, &ana, &app.admin(), "active").await.len(), 12);
}

pub(crate) async fn the_cap_holds_when_many_start_at_once(app: App) {
    race(&[&app]).await;
}

/// A hundred sessions of one person are started at once through these processes, while the list is read.
pub(crate) async fn race(replicas: &[&App]) {
    const SESSIONS: usize = 100;
    const CAP: usize = 5;
    let app = replicas[0];
    let ana = app.person("Ana").await;
    let admin = app.admin();
    let done = AtomicBool::new(false);
    let watch = async |app: &App| {
        let mut most = 0;
        while !done.load(Ordering::Relaxed) {
            most = most.max(listed(app, &ana, &admin, "active").await.len());
        }
        most
    };
    let starts = (0..SESSIONS).map(|n| {
        let bearer = app.signed_in(&ana, &n.to_string());
        start(replicas[n % replicas.len()], &bearer).into_future()
    });
    let run = async {
        let replies = join_all(starts).await;
        done.store(true, Ordering::Relaxed);
        replies
    };
    let watches = join_all(replicas.iter().map(|replica| watch(replica)));
    let (replies, most) = tokio::join!(run, watches);
    for reply in replies {
        reply.is(201);
    }
    assert!(most.iter().all(|most| *most <= CAP), "{most:?}");
    for replica in replicas {
        for (state, count) in [("active", CAP), ("ended", SESSIONS - CAP)] {
            let seen = listed(replica, &ana, &admin, state).await;
            assert_eq!(seen.len(), count, "{state}");
        }
    }
    // Of the hundred exactly those that are active are let in, everywhere.
    let active: Vec<Value> = listed(app, &ana, &admin, "active").await;
    let mut let_in = 0;
    for n in 0..SESSIONS {
        let bearer = app.signed_in(&ana, &n.to_string());
        for replica in replicas {
            let reply = replica.get(&ana.sessions()).token(&bearer.token).await;
            if reply.status == 200 {
                let seen = reply.json();
                let own = seen
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|s| s["is_current"] == true);
                assert!(
                    active.iter().any(|s| s["id"] == own.unwrap()["id"]),
                    "{seen}"
                );
                let_in += 1;
            } else {
                reply.refused("session-ended");
            }
        }
    }
    assert_eq!(let_in, CAP * replicas.len());
}
