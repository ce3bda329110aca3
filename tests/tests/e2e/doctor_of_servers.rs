//! `doctor`, where there is a database server.

use crate::doctor::{finding, is};
use crate::estate::{Estate, within};
use crate::harness::{App, Engine};

pub(crate) async fn each_broken_set_up_has_its_exit_code_and_hint(app: App) {
    let estate = Estate::of(&app);
    let _service = estate.serving(&app, &[]).await;
    let (owner, runtime) = (estate.url("owner"), estate.url("runtime"));
    let password = estate.password("runtime");
    let wrong = runtime.replace(&password, "hunter2");
    let nowhere = within(&runtime, "ust_nowhere");
    let dead = "postgres://u:hunter2@127.0.0.1:1/x".replace(
        "postgres",
        if app.engine == Engine::Postgres {
            "postgres"
        } else {
            "mysql"
        },
    );
    let strict = match app.engine {
        Engine::Postgres => "sslmode=verify-full",
        _ => "ssl-mode=VERIFY_IDENTITY",
    };
    let mut unknown = reqwest::Url::parse(&runtime).unwrap();
    unknown.set_query(Some(strict));
    let good = ("DATABASE_URL", runtime.as_str());
    let mut table = vec![
        ("all is well", vec![good], 0, "rights", "ok", ""),
        (
            "as the owner",
            vec![("DATABASE_URL", owner.as_str())],
            1,
            "rights",
            "warning",
            "db setup",
        ),
        (
            "as the administrator",
            vec![],
            1,
            "rights",
            "warning",
            "db setup",
        ),
        (
            "no such database",
            vec![("DATABASE_URL", nowhere.as_str())],
            78,
            "database",
            "failed",
            "name in DATABASE_URL",
        ),
        (
            "a certificate of nobody known, or none",
            vec![("DATABASE_URL", unknown.as_str())],
            78,
            "database",
            "failed",
            "the authority of the server's certificate",
        ),
        (
            "no server",
            vec![("DATABASE_URL", dead.as_str())],
            69,
            "database",
            "failed",
            "start the server",
        ),
        (
            "a replica",
            vec![good, ("DATABASE_READ_URL", runtime.as_str())],
            0,
            "replica",
            "ok",
            "",
        ),
        (
            "no replica",
            vec![good, ("DATABASE_READ_URL", dead.as_str())],
            1,
            "replica",
            "warning",
            "DATABASE_READ_URL",
        ),
        (
            "no keys",
            vec![
                good,
                ("AUTH_MODE", "jwks"),
                ("AUTH_SERVICE_URL", "http://127.0.0.1:1"),
            ],
            69,
            "tokens",
            "failed",
            "AUTH_SERVICE_URL",
        ),
        (
            "no Redis",
            vec![good, ("REDIS_URL", "redis://:hunter2@127.0.0.1:1")],
            1,
            "redis",
            "warning",
            "start Redis",
        ),
    ];
    // The PostgreSQL of the tests may believe everybody; `tests/empty_cluster` has one that does not.
    if app.engine == Engine::MySql {
        table.push((
            "wrong password",
            vec![("DATABASE_URL", &wrong)],
            78,
            "database",
            "failed",
            "--reset-passwords",
        ));
    }
    if !has_redis(&app).await {
        table.retain(|(name, ..)| *name != "no Redis");
    }
    for (name, settings, code, check, status, hint) in table {
        let outcome = app.run_with(&settings, &["doctor", "--json"]).await;
        assert_eq!(outcome.code, Some(code), "{name}: {outcome:#?}");
        is(&outcome, check, status, hint);
        for secret in ["hunter2", &password, &app.key] {
            assert!(!outcome.output().contains(secret), "{name}: {outcome:#?}");
        }
    }
    let as_owner = [("DATABASE_URL", owner.as_str())];
    app.run_with(&as_owner, &["migrate", "down"]).await.exits(0);
    let outcome = app.run_with(&[good], &["doctor", "--json"]).await.exits(75);
    is(&outcome, "migrations", "failed", "migrate up");
    is(&outcome, "indexes", "skipped", "");
}

/// Some programs under test have no Redis.
async fn has_redis(app: &App) -> bool {
    app.run(&["version"]).await.stdout.contains("redis")
}

pub(crate) async fn an_account_without_rights_is_told_them(app: App) {
    let estate = Estate::of(&app);
    let _service = estate.serving(&app, &[]).await;
    let (database, runtime) = (&estate.database, &estate.runtime);
    let revoke = if app.engine == Engine::Postgres {
        format!("REVOKE DELETE ON user_sessions FROM {runtime}")
    } else {
        let database = database.replace('_', "\\_");
        format!("REVOKE DELETE ON `{database}`.* FROM {runtime}")
    };
    estate.as_administrator(database, &revoke).await;
    let url = estate.url("runtime");
    let as_runtime = [("DATABASE_URL", url.as_str())];
    let outcome = app
        .run_with(&as_runtime, &["doctor", "--json"])
        .await
        .exits(78);
    is(&outcome, "rights", "failed", "db setup");
    let detail = finding(&outcome, "rights")["detail"].to_string();
    assert!(detail.contains("DELETE on user_sessions"), "{detail}");
}
