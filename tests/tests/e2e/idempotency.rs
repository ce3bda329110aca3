//! Requests that are safe to repeat.

use std::future::IntoFuture as _;

use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::client::Request;
use crate::harness::App;
use crate::people::{Person, USERS};

fn create(app: &App, person: &Person, key: &str, name: &str) -> Request {
    let body = json!({ "display_name": name });
    app.post(USERS)
        .token(&person.token)
        .header("idempotency-key", key)
        .json(&body)
}

pub(crate) async fn a_repeated_request_gets_the_first_answer(app: App) {
    let (ana, key) = (app.stranger(), Uuid::new_v4().to_string());
    let first = create(&app, &ana, &key, "Ana").await.is(201);
    let again = create(&app, &ana, &key, "Ana").await.is(201);
    assert_eq!(first.body, again.body);
    for name in ["location", "etag", "content-type"] {
        assert_eq!(first.header(name), again.header(name));
    }
    assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
    assert_eq!(app.read(USERS, &app.admin()).await["total"], 1);
    create(&app, &ana, "another", "Ana").await.problem(409);
}

pub(crate) async fn a_key_is_bound_to_its_body(app: App) {
    let ana = app.stranger();
    create(&app, &ana, "k", "Ana").await.is(201);
    create(&app, &ana, "k", "Other").await.problem(422);
}

pub(crate) async fn a_key_is_the_callers_own(app: App) {
    let (ana, ben) = (app.stranger(), app.stranger());
    let first = create(&app, &ana, "k", "Ana").await.is(201).json();
    let second = create(&app, &ben, "k", "Ana").await.is(201).json();
    assert_ne!(first["id"], second["id"]);
    assert_eq!(second["user_id"], json!(ben.sub));
}

pub(crate) async fn a_refused_request_can_be_mended_under_another_key(app: App) {
    let ana = app.stranger();
    create(&app, &ana, "k", "").await.faults(&["/display_name"]);
    create(&app, &ana, "k2", "Ana").await.is(201);
}

pub(crate) async fn a_malformed_key_is_refused(app: App) {
    let ana = app.stranger();
    create(&app, &ana, &"k".repeat(1000), "Ana")
        .await
        .problem(400);
    assert_eq!(app.read(USERS, &app.admin()).await["total"], 0);
}

pub(crate) async fn concurrent_twins_make_one_profile(app: App) {
    let ana = app.stranger();
    let replies = join_all((0..16).map(|_| create(&app, &ana, "k", "Ana").into_future())).await;
    let (made, late): (Vec<_>, Vec<_>) = replies.into_iter().partition(|reply| reply.status == 201);
    assert!(!made.is_empty());
    for reply in &made {
        assert_eq!(reply.body, made[0].body);
    }
    for reply in &late {
        reply.problem(409);
    }
    assert_eq!(app.read(USERS, &app.admin()).await["total"], 1);
    let again = create(&app, &ana, "k", "Ana").await.is(201);
    assert_eq!(again.body, made[0].body);
}
