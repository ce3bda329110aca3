//! Changing profiles.

use serde_json::json;

use crate::harness::App;
use crate::people::USERS;

pub(crate) async fn what_is_absent_stays(app: App) {
    let ana = app
        .person_with(json!({ "display_name": "Ana", "bio": "b", "location": "Porto" }))
        .await;
    let before = app.read(&ana.path(), &ana).await;
    let body = json!({ "location": "Lisboa" });
    let reply = app
        .patch(&ana.path())
        .token(&ana.token)
        .json(&body)
        .await
        .is(200);
    let after = reply.json();
    for name in [
        "id",
        "user_id",
        "display_name",
        "bio",
        "created_at",
        "is_active",
    ] {
        assert_eq!(after[name], before[name], "{name}");
    }
    assert_eq!(after["location"], "Lisboa");
    assert!(
        after["updated_at"].as_str() > before["updated_at"].as_str(),
        "{after}"
    );
    assert_eq!(app.read(&ana.path(), &ana).await, after);
}

pub(crate) async fn null_clears(app: App) {
    let ana = app
        .person_with(
            json!({ "display_name": "Ana", "bio": "b", "location": "Porto",
            "website": "https://a.example", "phone_number": "+442071838750" }),
        )
        .await;
    let body = json!({ "bio": null, "location": null, "website": null, "phone_number": null });
    let after = app
        .patch(&ana.path())
        .token(&ana.token)
        .json(&body)
        .await
        .is(200)
        .json();
    for name in ["bio", "location", "website", "phone_number"] {
        assert!(after[name].is_null(), "{after}");
    }
}

pub(crate) async fn the_name_cannot_be_cleared(app: App) {
    let ana = app.person("Ana").await;
    let body = json!({ "display_name": null });
    app.patch(&ana.path())
        .token(&ana.token)
        .json(&body)
        .await
        .faults(&["/display_name"]);
}

pub(crate) async fn an_empty_patch_changes_nothing(app: App) {
    let ana = app.person("Ana").await;
    let before = app.get(&ana.path()).token(&ana.token).await;
    let after = app
        .patch(&ana.path())
        .token(&ana.token)
        .json(&json!({}))
        .await
        .is(200);
    assert_eq!((before.json(), before.etag()), (after.json(), after.etag()));
}

pub(crate) async fn faults_are_pointed_at_and_nothing_is_changed(app: App) {
    let ana = app.person("Ana").await;
    let body = json!({ "display_name": " ", "website": "x", "bio": 1, "user_id": ana.sub, "z": 1, "location": "L" });
    let reply = app.patch(&ana.path()).token(&ana.token).json(&body).await;
    reply.faults(&["/display_name", "/website", "/bio", "/user_id", "/z"]);
    assert!(app.read(&ana.path(), &ana).await["location"].is_null());
}

pub(crate) async fn merge_patch_has_a_media_type_of_its_own(app: App) {
    let ana = app.person("Ana").await;
    for media_type in [
        "application/merge-patch+json",
        "application/json; charset=utf-8",
    ] {
        let request = app.patch(&ana.path()).token(&ana.token);
        request.raw(media_type, r#"{"bio":"b"}"#).await.is(200);
    }
    let request = app.patch(&ana.path()).token(&ana.token);
    request
        .raw("application/json-patch+json", "[]")
        .await
        .problem(415);
}

pub(crate) async fn standing_is_not_ones_own_to_change(app: App) {
    let ana = app.person("Ana").await;
    for body in [
        json!({ "is_verified": true }),
        json!({ "bio": "b", "is_active": false }),
    ] {
        app.patch(&ana.path())
            .token(&ana.token)
            .json(&body)
            .await
            .problem(403);
    }
    let seen = app.read(&ana.path(), &ana).await;
    assert_eq!(
        (&seen["is_verified"], &seen["bio"]),
        (&json!(false), &json!(null))
    );
}

pub(crate) async fn an_administrator_changes_standing(app: App) {
    let ana = app.person("Ana").await;
    let body = json!({ "is_verified": true, "is_active": false });
    let token = app.admin().token;
    let after = app
        .patch(&ana.path())
        .token(&token)
        .json(&body)
        .await
        .is(200)
        .json();
    assert_eq!(
        (&after["is_verified"], &after["is_active"]),
        (&json!(true), &json!(false))
    );
    let body = json!({ "is_active": null });
    app.patch(&ana.path())
        .token(&token)
        .json(&body)
        .await
        .faults(&["/is_active"]);
}

pub(crate) async fn a_deleted_profile_is_gone_and_can_be_made_anew(app: App) {
    let ana = app.person("Ana").await;
    let body = json!({ "theme": "dark" });
    app.patch(&ana.preferences())
        .token(&ana.token)
        .json(&body)
        .await
        .is(200);
    let reply = app.delete(&ana.path()).token(&ana.token).await.is(204);
    assert!(reply.body.is_empty());
    let before = app.get(&ana.path()).token(&ana.token).await;
    before.refused("account-ended");
    let ana = app.later(&ana);
    app.get(&ana.path()).token(&ana.token).await.problem(404);
    app.get(&ana.preferences())
        .token(&ana.token)
        .await
        .problem(404);
    app.delete(&ana.path()).token(&ana.token).await.problem(404);
    let body = json!({ "display_name": "Ana again" });
    let made = app
        .post(USERS)
        .token(&ana.token)
        .json(&body)
        .await
        .is(201)
        .json();
    assert_ne!(made["id"], ana.id.as_str());
    let me = app.read(&format!("{USERS}/me"), &ana).await;
    assert_eq!(me["preferences"]["theme"], "auto");
}
