//! The command line beside `serve`.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::App;
use crate::people::USERS;

pub(crate) async fn migrations_go_up_and_down(mut app: App) {
    app.stop_gracefully().await;
    app.run(&["migrate", "status"]).await.exits(0);
    app.run(&["migrate", "plan"]).await.exits(0);
    app.run(&["migrate", "up"]).await.exits(0);
    app.run(&["migrate", "down"]).await.exits(0);
    app.run(&["migrate", "status"]).await.exits(75);
    app.run(&["migrate", "up"]).await.exits(0);
    app.run(&["migrate", "status"]).await.exits(0);
}

pub(crate) async fn the_release_before_serves_on_a_newer_schema(mut app: App) {
    let newer = "m99991231_000001_of_a_newer_release";
    let note =
        format!("INSERT INTO user_service_migrations (version, applied_at) VALUES ('{newer}', 0)");
    app.sql(&note).await;
    app.restart().await;
    app.person("Ana").await;
    let status = app.run(&["migrate", "status"]).await.exits(0);
    assert!(
        status.stdout.contains(&format!("newer    {newer}")),
        "{status:#?}"
    );
    app.run(&["migrate", "up"]).await.exits(0);
    let down = app.run(&["migrate", "down"]).await.exits(78);
    assert!(down.stderr.contains(newer), "{down:#?}");
    let outcome = app.run(&["doctor", "--json"]).await;
    crate::doctor::is(&outcome, "migrations", "warning", "newest");
}

pub(crate) async fn several_may_migrate_at_once(mut app: App) {
    app.stop_gracefully().await;
    app.run(&["migrate", "down"]).await.exits(0);
    let up = ["migrate", "up"];
    let (a, b, c) = tokio::join!(app.run(&up), app.run(&up), app.run(&up));
    for outcome in [a, b, c] {
        outcome.exits(0);
    }
    app.run(&["migrate", "status"]).await.exits(0);
}

/// What was loaded past the service is found once it is indexed.
pub(crate) async fn the_search_index_is_made_anew(mut app: App) {
    let ana = app.person("Ana Sørensen").await;
    app.stop_gracefully().await;
    let lose = "DELETE FROM user_search_postings";
    app.sql(lose).await;
    app.sql("UPDATE user_profiles SET search_version = NULL")
        .await;
    for (verb, indexed) in [
        (vec!["search", "reindex"], 1),
        (vec!["search", "reindex"], 0),
        (vec!["search", "reindex", "--all"], 1),
    ] {
        if verb.contains(&"--all") {
            app.sql(lose).await;
        }
        let outcome = app.run(&verb).await.exits(0);
        let expected = format!("indexed: {indexed}");
        assert_eq!(outcome.stdout.trim(), expected, "{verb:?}");
    }
    app.restart().await;
    let found = app
        .get(&format!("{USERS}/search?q=soren"))
        .token(&ana.token)
        .await
        .is(200)
        .json();
    assert_eq!(found["items"][0]["id"], ana.id, "{found:#}");
}

pub(crate) async fn the_document_is_served_as_it_is_written(app: App) {
    let outcome = app.run(&["openapi"]).await.exits(0);
    let written: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(app.get("/openapi.json").await.is(200).json(), written);
    assert!(
        written["openapi"].as_str().unwrap().starts_with("3.1"),
        "{}",
        written["openapi"]
    );
}

pub(crate) async fn the_version_is_told(app: App) {
    let version = env!("CARGO_PKG_VERSION");
    let outcome = app.run(&["version"]).await.exits(0);
    assert!(outcome.stdout.contains(version), "{outcome:#?}");
    let outcome = app.run(&["version", "--json"]).await.exits(0);
    let told: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(told["version"], version);
}

pub(crate) async fn an_issued_token_works(app: App) {
    let (ana, root) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
    let outcome = app.run(&["token", "issue", "--sub", &ana]).await.exits(0);
    let body = json!({ "display_name": "Ana" });
    let made = app
        .post(USERS)
        .token(outcome.stdout.trim())
        .json(&body)
        .await
        .is(201)
        .json();
    assert_eq!(made["user_id"], ana.as_str());
    let path = format!("{USERS}/{}", made["id"].as_str().unwrap());
    let outcome = app
        .run(&["token", "issue", "--sub", &root, "--role", "admin"])
        .await
        .exits(0);
    app.delete(&path).token(outcome.stdout.trim()).await.is(204);
    let scopes = [
        "token",
        "issue",
        "--sub",
        &root,
        "--scope",
        "users:read",
        "--scope",
        "users:write",
    ];
    let outcome = app.run(&scopes).await.exits(0);
    let body = json!({ "user_id": ana, "display_name": "Ana" });
    app.post(USERS)
        .token(outcome.stdout.trim())
        .json(&body)
        .await
        .is(201);
}

pub(crate) async fn a_health_check_tells_whether_it_runs(mut app: App) {
    app.run(&["healthcheck"]).await.exits(0);
    app.stop_gracefully().await;
    assert_ne!(app.run(&["healthcheck"]).await.code, Some(0));
}

pub(crate) async fn the_configuration_is_shown_without_secrets(app: App) {
    let outcome = app.run(&["config", "show"]).await.exits(0);
    assert!(outcome.stdout.contains("JWT_SECRET_KEY"), "{outcome:#?}");
    assert!(!outcome.output().contains(&app.key), "{outcome:#?}");
    app.run(&["config", "check"]).await.exits(0);
}

/// The verbs that `--help` lists.
async fn verbs(app: &App) -> Vec<String> {
    let help = app.run(&["--help"]).await.exits(0).stdout;
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    let words = commands.lines().filter_map(|line| {
        let verb = line.strip_prefix("  ")?.split(' ').next()?;
        (!verb.is_empty() && verb != "help").then(|| verb.to_owned())
    });
    words.collect()
}

pub(crate) async fn shells_are_told_of_every_verb(app: App) {
    let verbs = verbs(&app).await;
    assert!(verbs.len() > 10, "{verbs:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = app.run(&["completions", shell]).await.exits(0).stdout;
        for verb in &verbs {
            assert!(script.contains(verb.as_str()), "{shell}: {verb}");
        }
    }
}

pub(crate) async fn every_verb_has_its_page_in_the_manual(app: App) {
    let page = app.run(&["man", "--date", "2026-11-27"]).await.exits(0);
    assert!(
        page.stdout.contains(".TH USER-SERVICE 1 2026-11-27"),
        "{page:#?}"
    );
    let directory = tempfile::tempdir().unwrap();
    let to = directory.path().join("man1");
    app.run(&["man", "--to", to.to_str().unwrap()])
        .await
        .exits(0);
    for verb in verbs(&app).await {
        let page = std::fs::read_to_string(to.join(format!("user-service-{verb}.1"))).unwrap();
        assert!(page.contains("SYNOPSIS"), "{verb}: {page}");
    }
}
