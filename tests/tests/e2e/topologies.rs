//! Where the service's tables are among those of others.

use serde_json::json;

use crate::estate::{Estate, within};
use crate::harness::{App, Engine};
use crate::people::USERS;

/// Tables of another service, in its own database, with the name of one of ours.
const OTHERS: &str = "CREATE TABLE user_profiles (id int); INSERT INTO user_profiles VALUES (1); CREATE TABLE orders (id int)";

/// On PostgreSQL a schema of the shared database; on MariaDB, where a database is a schema, a database of the shared server.
pub(crate) async fn a_database_is_shared_with_another_service(app: App) {
    let other = Estate::of(&app);
    let postgres = app.engine == Engine::Postgres;
    other
        .as_administrator("", &format!("CREATE DATABASE {}", other.database))
        .await;
    other.as_administrator(&other.database, OTHERS).await;
    let (estate, schema) = if postgres {
        (
            Estate::within(&app, &other),
            ["--schema", "gravity-users"].as_slice(),
        )
    } else {
        (Estate::of(&app), [].as_slice())
    };
    let service = estate.serving(&app, schema).await;
    let again = estate.set_up_kept(&app, schema).await.exits(0);
    assert!(again.stderr.contains("nothing to do"), "{again:#?}");
    let ana = service.person("Ana").await;
    let body = json!({ "display_name": "Ana B." });
    let changed = service
        .patch(&ana.path())
        .token(&ana.token)
        .json(&body)
        .await
        .is(200);
    assert_eq!(changed.json()["display_name"], "Ana B.");
    let runtime = estate.url("runtime");
    app.run_with(&[("DATABASE_URL", &runtime)], &["doctor"])
        .await
        .exits(0);

    // The other service has what it had, and its tables are its own.
    let one_row = if postgres {
        "DO $$ BEGIN ASSERT (SELECT count(*) FROM public.user_profiles) = 1; END $$"
    } else {
        "CREATE TABLE one_row (n int CHECK (n = 1)); INSERT INTO one_row SELECT count(*) FROM user_profiles"
    };
    other.as_administrator(&other.database, one_row).await;
    let theirs = within(&runtime, &other.database);
    for role in ["owner", "runtime"] {
        let url = if postgres {
            estate.url(role)
        } else {
            within(&estate.url(role), &other.database)
        };
        let read = if postgres {
            "SELECT * FROM public.orders"
        } else {
            "SELECT * FROM orders"
        };
        assert!(estate.sql(&url, read).await.is_err(), "{role}");
    }
    if postgres {
        // Nothing of ours went elsewhere.
        let ours = estate
            .sql(&theirs, "SELECT * FROM \"gravity-users\".user_sessions")
            .await;
        assert!(ours.is_ok(), "{ours:?}");
        assert!(
            estate
                .sql(&theirs, "SELECT * FROM public.user_sessions")
                .await
                .is_err()
        );
    }
}

pub(crate) async fn each_service_has_a_database_of_its_own(app: App) {
    let (ours, other) = (Estate::of(&app), Estate::of(&app));
    other.set_up_kept(&app, &[]).await.exits(0);
    let service = ours.serving(&app, &[]).await;
    service.person("Ana").await;
    // The accounts of one do not get into the database of the other.
    for role in ["owner", "runtime"] {
        let astray = within(&other.url(role), &ours.database);
        assert!(other.sql(&astray, "SELECT 1").await.is_err(), "{role}");
    }
}

pub(crate) async fn each_tenant_has_an_instance_of_its_own(app: App) {
    let (a, b) = (Estate::of(&app), Estate::of(&app));
    let (at_a, at_b) = (a.serving(&app, &[]).await, b.serving(&app, &[]).await);
    let ana = at_a.person("Ana").await;
    at_a.get(&ana.path()).token(&ana.token).await.is(200);
    at_b.get(&ana.path()).token(&ana.token).await.is(404);
    assert_eq!(at_a.read(USERS, &at_a.admin()).await["total"], json!(1));
    assert_eq!(at_b.read(USERS, &at_b.admin()).await["total"], json!(0));
    let astray = within(&a.url("runtime"), &b.database);
    assert!(a.sql(&astray, "SELECT 1").await.is_err());
}
