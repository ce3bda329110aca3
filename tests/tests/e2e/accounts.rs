//! Accounts that may not be used, and those that are gone.

use serde_json::json;

use crate::harness::App;
use crate::people::{USERS, in_seconds};
use crate::sessions::{listed, start};

pub(crate) async fn an_inactive_account_is_refused_until_it_is_active_again(app: App) {
    let ana = app.person("Ana").await;
    let laptop = app.signed_in(&ana, "laptop");
    let admin = app.bearing(&ana, &json!({ "roles": ["admin"] }));
    let service = app.bearing(&ana, &json!({ "scope": "users:read sessions:write" }));
    start(&app, &laptop).await.is(201);
    let bearers = [&ana, &laptop, &admin, &service];
    for _ in 0..2 {
        app.set_active(&ana, false).await;
        for bearer in bearers {
            for path in [USERS.to_owned(), ana.path(), format!("{USERS}/me")] {
                let reply = app.get(&path).token(&bearer.token).await;
                reply.refused("account-ended");
            }
            start(&app, bearer).await.refused("account-ended");
        }
        app.set_active(&ana, true).await;
        for bearer in bearers {
            app.get(&ana.path()).token(&bearer.token).await.is(200);
        }
    }
    assert_eq!(listed(&app, &ana, &laptop, "active").await.len(), 1);
}

pub(crate) async fn no_session_of_an_inactive_account_is_started(app: App) {
    let ana = app.inactive("Ana").await;
    let body = json!({ "session_token": "laptop" });
    app.post(&ana.sessions())
        .token(app.admin().token)
        .json(&body)
        .await
        .problem(403);
    let laptop = app.signed_in(&ana, "laptop");
    let reply = app.get(&ana.path()).token(&laptop.token).await;
    reply.refused("account-ended");
    assert!(listed(&app, &ana, &app.admin(), "all").await.is_empty());
}

pub(crate) async fn tokens_of_a_removed_account_are_refused(app: App) {
    let ana = app.person("Ana").await;
    let laptop = app.signed_in(&ana, "laptop");
    start(&app, &laptop).await.is(201);
    app.delete(&ana.path())
        .token(app.admin().token)
        .await
        .is(204);
    let old = app.bearing(&ana, &json!({ "iat": in_seconds(-60) }));
    let dateless = app.bearing(&ana, &json!({ "iat": null }));
    let admin = app.bearing(&ana, &json!({ "roles": ["admin"] }));
    let body = json!({ "display_name": "Ana again" });
    for bearer in [&ana, &laptop, &old, &dateless, &admin] {
        for path in [USERS, &format!("{USERS}/me")] {
            let reply = app.get(path).token(&bearer.token).await;
            reply.refused("account-ended");
        }
        let reply = app.post(USERS).token(&bearer.token).json(&body).await;
        reply.refused("account-ended");
    }
    // Who signs in after that is a new person, even if the session is called as before.
    let claims = json!({ "sid": "laptop", "iat": in_seconds(5) });
    let later = app.bearing(&ana, &claims);
    app.get(&format!("{USERS}/me"))
        .token(&later.token)
        .await
        .coded(404, "profile-not-found");
    app.post(USERS)
        .token(&later.token)
        .json(&body)
        .await
        .is(201);
    app.get(&format!("{USERS}/me"))
        .token(&later.token)
        .await
        .is(200);
    let seen = app
        .read(&format!("{USERS}/me/sessions?state=all"), &later)
        .await;
    assert_eq!(seen.as_array().unwrap().len(), 1, "{seen}");
    for bearer in [&ana, &laptop, &old, &dateless] {
        let reply = app.get(USERS).token(&bearer.token).await;
        reply.refused("account-ended");
    }
}
