//! Who is let in.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::has_exactly;
use crate::harness::App;
use crate::people::{PUBLIC, USERS, in_seconds, sign, with};

async fn refused(app: &App, token: &str) {
    for path in [USERS.to_owned(), format!("{USERS}/me")] {
        let reply = app.get(&path).token(token).await;
        reply.problem(401);
        let challenge = reply.header("www-authenticate");
        assert!(challenge.starts_with("Bearer"), "{challenge}");
        assert!(
            challenge.contains(r#"error="invalid_token""#),
            "{challenge}"
        );
    }
}

fn claims() -> Value {
    json!({ "sub": Uuid::new_v4().to_string(), "exp": in_seconds(3600) })
}

pub(crate) async fn without_a_token_there_is_a_challenge(app: App) {
    let ana = app.person("Ana").await;
    for path in [
        USERS,
        &format!("{USERS}/me"),
        &ana.path(),
        &ana.preferences(),
        &format!("{USERS}/search?q=a"),
    ] {
        let reply = app.get(path).await;
        reply.problem(401);
        let challenge = reply.header("www-authenticate");
        assert!(challenge.starts_with("Bearer"), "{challenge}");
        assert!(!challenge.contains("error="), "{challenge}");
    }
    let body = json!({ "display_name": "x" });
    app.post(USERS).json(&body).await.problem(401);
    let basic = app.get(USERS).header("authorization", "Basic YTpi").await;
    basic.problem(401);
    basic.header("www-authenticate");
}

pub(crate) async fn the_scheme_is_read_in_any_case(app: App) {
    let token = app.stranger().token;
    app.get(USERS)
        .header("authorization", &format!("bearer {token}"))
        .await
        .is(200);
}

pub(crate) async fn what_is_no_token_is_refused(app: App) {
    let token = app.stranger().token;
    let (rest, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{rest}.{other}{}", &signature[1..]);
    for token in ["garbage", "a.b.c", "..", rest, &format!("{rest}."), &forged] {
        refused(&app, token).await;
    }
}

pub(crate) async fn a_token_out_of_its_time_is_refused(app: App) {
    let sign = |claims: &Value| sign(Algorithm::HS256, &app.key, claims);
    refused(
        &app,
        &sign(&with(claims(), "exp", json!(in_seconds(-3600)))),
    )
    .await;
    refused(&app, &sign(&with(claims(), "nbf", json!(in_seconds(3600))))).await;
    refused(&app, &sign(&json!({ "sub": Uuid::new_v4().to_string() }))).await;
    refused(
        &app,
        &sign(&with(claims(), "exp", json!(in_seconds(3600).to_string()))),
    )
    .await;
    refused(&app, &sign(&with(claims(), "exp", Value::Null))).await;
}

pub(crate) async fn only_the_agreed_algorithm_and_key_count(app: App) {
    let token = app.stranger().token;
    let payload = token.split('.').nth(1).unwrap();
    // {"alg":"none","typ":"JWT"} and {"alg":"NONE"}
    for header in ["eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJOT05FIn0"] {
        refused(&app, &format!("{header}.{payload}.")).await;
    }
    refused(&app, &sign(Algorithm::HS512, &app.key, &claims())).await;
    refused(&app, &sign(Algorithm::HS384, &app.key, &claims())).await;
    let key = app.key.chars().rev().collect::<String>();
    refused(&app, &sign(Algorithm::HS256, &key, &claims())).await;
}

pub(crate) async fn malformed_claims_are_refused(app: App) {
    for claims in [
        with(claims(), "sub", json!("ana")),
        with(claims(), "sub", json!(1)),
        with(claims(), "sub", Value::Null),
        json!({ "exp": in_seconds(3600) }),
        with(claims(), "roles", json!("admin")),
        with(claims(), "roles", json!([1])),
    ] {
        refused(&app, &sign(Algorithm::HS256, &app.key, &claims)).await;
    }
}

pub(crate) async fn roles_and_scopes_are_matched_as_a_whole(app: App) {
    let ana = app.person("Ana").await;
    let body = json!({ "bio": "b" });
    for claims in [
        json!({ "roles": ["administrator", "ADMIN", "users:admin"] }),
        json!({ "scope": "users:writer xusers:write USERS:WRITE admin" }),
        json!({ "admin": true, "is_admin": true, "role": "admin" }),
    ] {
        let token = app.token(&Uuid::new_v4().to_string(), &claims);
        app.patch(&ana.path())
            .token(token)
            .json(&body)
            .await
            .problem(403);
    }
}

pub(crate) async fn public_profiles_open_reading_to_anybody(mut app: App) {
    let ana = app.person("Ana").await;
    let hidden = app.inactive("Anabel").await;
    app.restart_with("PUBLIC_PROFILES", "true").await;
    has_exactly(&app.get(&ana.path()).await.is(200).json(), &PUBLIC);
    for path in [
        USERS.to_owned(),
        format!("{USERS}/search?q=ana&count=exact"),
    ] {
        let page = app.get(&path).await.is(200).json();
        assert_eq!(page["total"], 1, "{page}");
        has_exactly(&page["items"][0], &PUBLIC);
    }
    app.get(&hidden.path()).await.problem(404);
    app.get(&format!("{USERS}/me")).await.problem(401);
    app.get(&ana.preferences()).await.problem(401);
    let body = json!({ "display_name": "x" });
    app.post(USERS).json(&body).await.problem(401);
    app.patch(&ana.path()).json(&body).await.problem(401);
    app.delete(&ana.path()).await.problem(401);
    app.get(&ana.path()).token("garbage").await.problem(401);
}
