//! A replica of the database to read from. Here it is a database that nothing is copied to: it has what it had.

use serde_json::Value;

use crate::harness::{App, Engine};
use crate::people::{Person, USERS};

/// Ana, and the database of another service as a replica that still knows her as Then.
async fn behind(app: &mut App) -> (Person, App) {
    let ana = app.person("Ana").await;
    let replica = App::start(app.engine).await;
    let (id, sub) = (replica.literal(&ana.id), replica.literal(&ana.sub));
    let insert = format!(
        "INSERT INTO user_profiles (id, user_id, display_name, name_key, search_text, is_verified, \
         is_active, version, created_at, updated_at) VALUES ({id}, {sub}, 'Then', 'then', 'then', \
         false, true, 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
    );
    replica.sql(&insert).await;
    app.restart_with("DATABASE_READ_URL", replica.database_url())
        .await;
    (ana, replica)
}

async fn name(app: &App, path: &str, token: &str) -> Value {
    app.get(path).token(token).await.is(200).json()["display_name"].clone()
}

async fn listed(app: &App, token: &str) -> Value {
    let page = app.get(&format!("{USERS}?limit=1")).token(token).await;
    page.is(200).json()["items"][0]["display_name"].clone()
}

pub(crate) async fn others_may_see_what_the_replica_has(mut app: App) {
    let (ana, _replica) = behind(&mut app).await;
    let (reader, writer) = (app.service("users:read"), app.service("users:write"));
    let stranger = app.stranger();
    for other in [&stranger.token, &reader.token] {
        assert_eq!(name(&app, &ana.path(), other).await, "Then");
        assert_eq!(listed(&app, other).await, "Then");
    }
    // Whoever may have changed her is shown her as she is.
    for author in [&ana.token, &app.admin().token, &writer.token] {
        assert_eq!(name(&app, &ana.path(), author).await, "Ana");
        assert_eq!(listed(&app, author).await, "Ana");
    }
    let me = format!("{USERS}/me");
    assert_eq!(name(&app, &me, &ana.token).await, "Ana");
    let search = format!("{USERS}/search?q=then");
    let found = app.get(&search).token(&stranger.token).await.is(200).json();
    assert_eq!(found["items"][0]["display_name"], "Then");
    // Who came since is found all the same.
    let ben = app.person("Ben").await;
    assert_eq!(name(&app, &ben.path(), &stranger.token).await, "Ben");
    let metrics = app.get("/metrics").await.is(200).text();
    let up = "user_service_dependency_up{dependency=\"database_replica\"} 1";
    assert!(metrics.lines().any(|line| line == up), "{metrics}");
}

pub(crate) async fn a_lost_replica_is_done_without(mut app: App) {
    let ana = app.person("Ana").await;
    let scheme = match app.engine {
        Engine::MySql => "mysql",
        _ => "postgres",
    };
    let nowhere = format!("{scheme}://nobody@127.0.0.1:1/nothing");
    app.restart_with("DATABASE_READ_URL", &nowhere).await;
    let stranger = app.stranger();
    for _ in 0..3 {
        assert_eq!(name(&app, &ana.path(), &stranger.token).await, "Ana");
        assert_eq!(listed(&app, &stranger.token).await, "Ana");
    }
    let health = app.get("/health/ready?verbose").await.is(200).json();
    assert_eq!(
        health["dependencies"]["database_replica"], "down",
        "{health}"
    );
}

pub(crate) async fn a_replica_is_of_the_same_engine(mut app: App) {
    app.terminate();
    app.ended().await;
    app.set("DATABASE_READ_URL", "sqlite://replica.db");
    let refused = app.run(&["config", "check"]).await.exits(78);
    assert!(refused.output().contains("DATABASE_READ_URL"));
}
