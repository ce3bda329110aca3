//! `doctor`: what it finds wherever the service may run.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::harness::{App, Engine, Outcome};

/// One finding of `doctor --json`.
pub(crate) fn finding(outcome: &Outcome, check: &str) -> Value {
    let told: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(told["exit_code"], json!(outcome.code), "{told:#}");
    let checks = told["checks"].as_array().unwrap();
    let found = checks.iter().find(|it| it["check"] == check);
    found.unwrap_or_else(|| panic!("{check}: {told:#}")).clone()
}

/// Asserts what became of a check; what is wrong says what to do.
pub(crate) fn is(outcome: &Outcome, check: &str, status: &str, hint: &str) {
    let found = finding(outcome, check);
    assert_eq!(found["status"], status, "{found:#}");
    let fix = found["fix"].as_str().unwrap_or_default();
    assert!(fix.contains(hint), "{hint}: {found:#}");
    assert_eq!(
        fix.is_empty(),
        matches!(status, "ok" | "skipped"),
        "{found:#}"
    );
}

/// The tests of servers run as an administrator, which is worth a warning.
fn at_best(app: &App) -> i32 {
    i32::from(app.engine != Engine::Sqlite)
}

pub(crate) async fn a_good_database_is_called_good(app: App) {
    let outcome = app.run(&["doctor", "--json"]).await.exits(at_best(&app));
    for check in [
        "configuration",
        "database",
        "clock",
        "migrations",
        "indexes",
        "tokens",
        "avatars",
    ] {
        is(&outcome, check, "ok", "");
    }
    for check in ["replica", "redis"] {
        is(&outcome, check, "skipped", "");
    }
    assert!(!outcome.output().contains(&app.key), "{outcome:#?}");
    let table = app.run(&["doctor"]).await.exits(at_best(&app));
    assert!(
        table
            .stdout
            .lines()
            .any(|line| line.starts_with("ok ") && line.contains("migrations")),
        "{table:#?}"
    );
}

pub(crate) async fn a_missing_index_is_named(app: App) {
    let drop = match app.engine {
        Engine::MySql => "DROP INDEX user_profiles_created_at_idx ON user_profiles",
        _ => "DROP INDEX user_profiles_created_at_idx",
    };
    app.sql(drop).await;
    let outcome = app.run(&["doctor", "--json"]).await.exits(1);
    is(
        &outcome,
        "indexes",
        "warning",
        "user_profiles_created_at_idx ON user_profiles (created_at, id)",
    );
    let detail = finding(&outcome, "indexes")["detail"].to_string();
    assert!(detail.contains("list by time"), "{detail}");
}

/// What the service can do without is a warning; without keys nobody is let in.
pub(crate) async fn dead_services_are_named(app: App) {
    let files = [
        ("FILE_SERVICE_URL", "http://127.0.0.1:1"),
        ("FILE_SERVICE_TOKEN", "hunter2"),
    ];
    let outcome = app.run_with(&files, &["doctor", "--json"]).await.exits(1);
    is(&outcome, "avatars", "warning", "start the File Service");
    assert!(!outcome.output().contains("hunter2"), "{outcome:#?}");
    for mode in ["jwks", "remote"] {
        let auth = [
            ("AUTH_MODE", mode),
            ("AUTH_SERVICE_URL", "http://127.0.0.1:1"),
        ];
        // In mode `remote` the key stands in for the Auth Service.
        let (code, status) = if mode == "jwks" {
            (69, "failed")
        } else {
            (1, "warning")
        };
        let outcome = app.run_with(&auth, &["doctor", "--json"]).await.exits(code);
        is(&outcome, "tokens", status, "start the Auth Service");
    }
}

pub(crate) async fn published_keys_are_read(app: App) {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let good = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": x }] });
    for (body, code, status, hint) in [
        (good.to_string(), at_best(&app), "ok", ""),
        ("{\"keys\": []}".to_owned(), 69, "failed", "AUTH_JWKS_PATH"),
        ("<html>".to_owned(), 69, "failed", "AUTH_JWKS_PATH"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 1024];
                let _ = stream.read(&mut request).await;
                let length = body.len();
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        let auth = [("AUTH_MODE", "jwks"), ("AUTH_SERVICE_URL", &url)];
        let outcome = app.run_with(&auth, &["doctor", "--json"]).await.exits(code);
        is(&outcome, "tokens", status, hint);
        server.abort();
    }
}

/// The rest is looked at all the same.
pub(crate) async fn a_faulty_configuration_is_named(app: App) {
    let faults = [("PORT", "abc"), ("JWT_SECRET_KEY", "hunter2")];
    let outcome = app.run_with(&faults, &["doctor", "--json"]).await.exits(78);
    is(&outcome, "configuration", "failed", "correct PORT");
    assert!(
        outcome.stdout.contains("correct JWT_SECRET_KEY"),
        "{outcome:#?}"
    );
    assert!(!outcome.output().contains("hunter2"), "{outcome:#?}");
    let weak = [("JWT_SECRET_KEY", "hunter2")];
    let outcome = app.run_with(&weak, &["doctor", "--json"]).await.exits(78);
    is(&outcome, "migrations", "ok", "");
}
