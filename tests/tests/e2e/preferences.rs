//! Preferences.

use serde_json::{Value, json};

use crate::client::Reply;
use crate::harness::App;
use crate::people::Person;

async fn change(app: &App, person: &Person, body: &Value) -> Reply {
    app.patch(&person.preferences())
        .token(&person.token)
        .json(body)
        .await
}

pub(crate) async fn every_preference_can_be_changed(app: App) {
    let ana = app.person("Ana").await;
    let body = json!({ "language": "pt-BR", "timezone": "Europe/Lisbon", "theme": "light",
        "date_format": "MMM D, YYYY", "time_format": "12h", "email_notifications": false,
        "push_notifications": false, "sms_notifications": true, "newsletter": true,
        "marketing": true, "custom_settings": { "a": [1, { "b": "ü" }] } });
    let after = change(&app, &ana, &body).await.is(200).json();
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&after[name], value, "{name}");
    }
    assert_eq!(app.read(&ana.preferences(), &ana).await, after);
}

pub(crate) async fn custom_settings_are_merged(app: App) {
    let ana = app.person("Ana").await;
    for (patch, merged) in [
        (
            json!({ "a": 1, "b": { "c": 1, "d": [1] } }),
            json!({ "a": 1, "b": { "c": 1, "d": [1] } }),
        ),
        (
            json!({ "b": { "c": null, "e": 2 } }),
            json!({ "a": 1, "b": { "d": [1], "e": 2 } }),
        ),
        (json!({ "a": null, "b": "x" }), json!({ "b": "x" })),
        (Value::Null, Value::Null),
        (json!({ "z": 1 }), json!({ "z": 1 })),
    ] {
        let after = change(&app, &ana, &json!({ "custom_settings": patch }))
            .await
            .is(200)
            .json();
        assert_eq!(after["custom_settings"], merged);
        assert_eq!(after["theme"], "auto");
    }
}

pub(crate) async fn a_language_becomes_canonical(app: App) {
    let ana = app.person("Ana").await;
    for (given, kept) in [("EN-us", "en-US"), ("zh-hant-tw", "zh-Hant-TW")] {
        let after = change(&app, &ana, &json!({ "language": given }))
            .await
            .is(200)
            .json();
        assert_eq!(after["language"], kept);
    }
}

pub(crate) async fn faults_are_pointed_at(app: App) {
    let ana = app.person("Ana").await;
    let body = json!({ "language": "en_US", "timezone": "Mars/Olympus", "theme": "Dark",
        "date_format": "YYYY", "time_format": "24", "newsletter": "yes", "marketing": null,
        "custom_settings": [], "z": 1 });
    let pointers: Vec<_> = body
        .as_object()
        .unwrap()
        .keys()
        .map(|name| format!("/{name}"))
        .collect();
    let pointers: Vec<_> = pointers.iter().map(String::as_str).collect();
    change(&app, &ana, &body).await.faults(&pointers);
}

pub(crate) async fn custom_settings_have_limits(app: App) {
    let ana = app.person("Ana").await;
    let deep = |depth| (1..depth).fold(json!({}), |inner, _| json!({ "a": inner }));
    let cleared = json!({ "custom_settings": null });
    change(&app, &ana, &json!({ "custom_settings": deep(16) }))
        .await
        .is(200);
    change(&app, &ana, &cleared).await.is(200);
    let large = json!({ "custom_settings": { "a": "x".repeat(66_000) } });
    for body in [json!({ "custom_settings": deep(17) }), large] {
        change(&app, &ana, &body)
            .await
            .faults(&["/custom_settings"]);
    }
    let half = |name: &str| json!({ "custom_settings": { name: "x".repeat(40_000) } });
    change(&app, &ana, &half("a")).await.is(200);
    change(&app, &ana, &half("b"))
        .await
        .faults(&["/custom_settings"]);
}

pub(crate) async fn preferences_are_private(app: App) {
    let ana = app.person("Ana").await;
    let path = ana.preferences();
    let body = json!({ "theme": "dark" });
    for stranger in [app.stranger(), app.service("users:read users:write")] {
        app.get(&path).token(&stranger.token).await.problem(403);
        app.patch(&path)
            .token(&stranger.token)
            .json(&body)
            .await
            .problem(403);
    }
    let reader = app.service("preferences:read").token;
    app.get(&path).token(&reader).await.is(200);
    app.patch(&path)
        .token(&reader)
        .json(&body)
        .await
        .problem(403);
    app.patch(&path)
        .token(app.service("preferences:write").token)
        .json(&body)
        .await
        .is(200);
}
