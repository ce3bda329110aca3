//! Making profiles.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::has_exactly;
use crate::harness::App;
use crate::people::{FULL, USERS};

pub(crate) async fn a_profile_is_created_once(app: App) {
    let ana = app.stranger();
    let body = json!({ "user_id": ana.sub, "display_name": " Ana ", "bio": "a\nb", "location": "Porto",
        "website": "https://ana.example/", "phone_number": "+44 20 7183 8750" });
    let reply = app.post(USERS).token(&ana.token).json(&body).await.is(201);
    let made = reply.json();
    has_exactly(&made, &FULL);
    let id: Uuid = made["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(id.get_version_num(), 7, "{made}");
    let expected = json!({ "user_id": ana.sub, "display_name": "Ana", "bio": "a\nb", "location": "Porto",
        "website": "https://ana.example/", "phone_number": "+442071838750", "avatar_url": null, "thumbhash": null,
        "is_verified": false, "is_active": true, "last_login_at": null });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    for name in ["created_at", "updated_at"] {
        assert!(made[name].as_str().unwrap().ends_with('Z'), "{made}");
    }
    let location = reply.header("location");
    assert!(location.ends_with(&format!("{USERS}/{id}")), "{location}");
    let read = app
        .get(&format!("{USERS}/{id}"))
        .token(&ana.token)
        .await
        .is(200);
    assert_eq!(read.json(), made);
    assert_eq!(read.etag(), reply.etag());

    app.post(USERS)
        .token(&ana.token)
        .json(&body)
        .await
        .problem(409);
    assert_eq!(app.read(USERS, &app.admin()).await["total"], 1);
}

pub(crate) async fn a_profile_starts_with_default_preferences(app: App) {
    let ana = app.person("Ana").await;
    let me = app.read(&format!("{USERS}/me"), &ana).await;
    assert_eq!(me["id"], ana.id.as_str());
    let expected = json!({ "language": "en", "timezone": "UTC", "theme": "auto",
        "date_format": "YYYY-MM-DD", "time_format": "24h", "email_notifications": true,
        "push_notifications": true, "sms_notifications": false, "newsletter": false,
        "marketing": false, "custom_settings": null });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&me["preferences"][name], value, "{name}");
    }
}

pub(crate) async fn user_id_may_be_left_out(app: App) {
    let ana = app.stranger();
    let body = json!({ "display_name": "Ana" });
    let reply = app.post(USERS).token(&ana.token).json(&body).await.is(201);
    assert_eq!(reply.json()["user_id"], json!(ana.sub));
}

pub(crate) async fn a_trailing_slash_is_accepted(app: App) {
    let ana = app.stranger();
    let body = json!({ "display_name": "Ana" });
    let slashed = format!("{USERS}/");
    app.post(&slashed)
        .token(&ana.token)
        .json(&body)
        .await
        .is(201);
    for path in [
        slashed,
        format!("{USERS}/me/"),
        format!("{USERS}/search/?q=ana"),
    ] {
        app.get(&path).token(&ana.token).await.is(200);
    }
}

pub(crate) async fn nobody_makes_the_profile_of_another(app: App) {
    let (ana, ben) = (app.stranger(), app.stranger());
    let body = json!({ "user_id": ben.sub, "display_name": "Ben" });
    app.post(USERS)
        .token(&ana.token)
        .json(&body)
        .await
        .problem(403);
    app.post(USERS)
        .token(app.service("users:read").token)
        .json(&body)
        .await
        .problem(403);
    app.post(USERS)
        .token(app.service("users:write").token)
        .json(&body)
        .await
        .is(201);
    let body = json!({ "user_id": ana.sub, "display_name": "Ana" });
    app.post(USERS)
        .token(app.admin().token)
        .json(&body)
        .await
        .is(201);
}

async fn refused(app: &App, body: Value, pointers: &[&str]) {
    app.post(USERS)
        .token(app.stranger().token)
        .json(&body)
        .await
        .faults(pointers);
}

pub(crate) async fn every_fault_is_reported_at_once(app: App) {
    let body = json!({ "user_id": "x", "display_name": "a".repeat(101), "bio": "b".repeat(501),
        "location": "c".repeat(101), "website": "javascript:alert(1)", "phone_number": "12" });
    let all = [
        "/user_id",
        "/display_name",
        "/bio",
        "/location",
        "/website",
        "/phone_number",
    ];
    refused(&app, body, &all).await;
    refused(&app, json!({ "bio": "no name" }), &["/display_name"]).await;
    let body = json!({ "display_name": "\u{202e}evil", "bio": "a\u{0}b" });
    refused(&app, body, &["/display_name", "/bio"]).await;
    refused(
        &app,
        json!({ "display_name": "\u{200b}" }),
        &["/display_name"],
    )
    .await;
}

pub(crate) async fn an_unknown_field_is_refused(app: App) {
    let body = json!({ "display_name": "Ana", "nickname": "A", "a/b~c": 1 });
    refused(&app, body, &["/nickname", "/a~1b~0c"]).await;
    let body = json!({ "display_name": "Ana", "avatar_url": "https://a.example/", "id": "x" });
    refused(&app, body, &["/avatar_url", "/id"]).await;
}

pub(crate) async fn a_wrong_type_is_pointed_at(app: App) {
    let body =
        json!({ "user_id": 1, "display_name": 5, "bio": [], "website": {}, "location": true });
    let all = ["/user_id", "/display_name", "/bio", "/website", "/location"];
    refused(&app, body, &all).await;
    refused(&app, json!({ "display_name": null }), &["/display_name"]).await;
    for body in [json!([]), json!("text"), json!(null)] {
        app.post(USERS)
            .token(app.stranger().token)
            .json(&body)
            .await
            .problem(422);
    }
}

pub(crate) async fn names_of_every_script_survive(app: App) {
    for name in [
        "王伟",
        "Zoë 👩‍🚀",
        "محمد",
        "O'Brien-Łódź",
        "%_\\'\"--",
        &"👩".repeat(100),
    ] {
        let person = app.person(name).await;
        assert_eq!(
            app.read(&person.path(), &person).await["display_name"],
            name
        );
    }
}
