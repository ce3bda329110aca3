//! Profiles that are made at first sight (`JIT_PROVISIONING`).

use std::future::IntoFuture as _;

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::App;
use crate::people::USERS;

const ME: &str = "/api/v1/users/me";

async fn provisioned(mut app: App) -> App {
    app.restart_with("JIT_PROVISIONING", "true").await;
    app
}

async fn me(app: &App, claims: &Value) -> Value {
    let token = app.token(&Uuid::new_v4().to_string(), claims);
    app.get(ME).token(token).await.is(200).json()
}

pub(crate) async fn a_profile_is_made_of_what_the_token_says(app: App) {
    let app = provisioned(app).await;
    let sub = Uuid::new_v4().to_string();
    let claims = json!({ "name": "Ana Lima", "locale": "pt_BR", "zoneinfo": "America/Sao_Paulo",
        "picture": "https://pictures.example/ana.png", "sid": "laptop" });
    let token = app.token(&sub, &claims);
    // Only who asks for their own profile gets one.
    app.get(USERS).token(&token).await.is(200);
    app.patch(ME)
        .token(&token)
        .json(&json!({ "bio": "b" }))
        .await
        .problem(404);
    let made = app.get(ME).token(&token).await.is(200).json();
    for (member, value) in [
        ("user_id", json!(sub)),
        ("display_name", json!("Ana Lima")),
        ("avatar_url", json!(null)),
        ("thumbhash", json!(null)),
        ("is_active", json!(true)),
        ("is_verified", json!(false)),
    ] {
        assert_eq!(made[member], value, "{member}: {made}");
    }
    assert_eq!(made["preferences"]["language"], "pt-BR");
    assert_eq!(made["preferences"]["timezone"], "America/Sao_Paulo");
    let again = app.get(ME).token(&token).await.is(200).json();
    assert_eq!(again["id"], made["id"]);
    let other = app.token(&sub, &json!({ "name": "Another" }));
    let kept = app.get(ME).token(other).await.is(200).json();
    assert_eq!(kept["display_name"], "Ana Lima");
    let sessions = app.get(&format!("{ME}/sessions")).token(&token).await;
    assert_eq!(sessions.is(200).json().as_array().unwrap().len(), 1);
}

pub(crate) async fn what_cannot_be_taken_over_gives_way(app: App) {
    let app = provisioned(app).await;
    for claims in [
        json!({}),
        json!({ "name": " ", "locale": "no language", "zoneinfo": "Mars/Olympus" }),
        json!({ "name": "n".repeat(101), "locale": "", "zoneinfo": "" }),
        json!({ "name": 1, "locale": [], "zoneinfo": { "a": 1 } }),
    ] {
        let made = me(&app, &claims).await;
        let name = made["display_name"].as_str().unwrap();
        assert!(!name.trim().is_empty(), "{made}");
        assert_eq!(made["preferences"]["language"], "en", "{claims}");
        assert_eq!(made["preferences"]["timezone"], "UTC", "{claims}");
    }
    for (claims, name) in [
        (
            json!({ "preferred_username": "ana", "nickname": "a" }),
            "ana",
        ),
        (json!({ "nickname": "a" }), "a"),
    ] {
        assert_eq!(me(&app, &claims).await["display_name"], name);
    }
}

pub(crate) async fn many_first_requests_make_one_profile(app: App) {
    let app = provisioned(app).await;
    let token = app.token(&Uuid::new_v4().to_string(), &json!({ "name": "Ana" }));
    let gets = (0..20).map(|_| app.get(ME).token(&token).into_future());
    let mut ids: Vec<_> = join_all(gets)
        .await
        .into_iter()
        .map(|reply| reply.is(200).json()["id"].to_string())
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(app.read(USERS, &app.admin()).await["total"], 1);
}

pub(crate) async fn who_was_removed_is_not_made_again_by_an_old_token(app: App) {
    let app = provisioned(app).await;
    let ana = app.stranger();
    let made = app.read(ME, &ana).await;
    app.delete(&format!("{USERS}/{}", made["id"].as_str().unwrap()))
        .token(app.admin().token)
        .await
        .is(204);
    let reply = app.get(ME).token(&ana.token).await;
    reply.refused("account-ended");
    let again = app.read(ME, &app.later(&ana)).await;
    assert_ne!(again["id"], made["id"]);
}

pub(crate) async fn nobody_is_made_where_it_is_off(app: App) {
    let token = app.token(&Uuid::new_v4().to_string(), &json!({ "name": "Ana" }));
    app.get(ME)
        .token(token)
        .await
        .coded(404, "profile-not-found");
    assert_eq!(app.read(USERS, &app.admin()).await["total"], 0);
}
