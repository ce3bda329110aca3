//! `db setup`: from an administrator's connection to two accounts.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::estate::Estate;
use crate::harness::{App, Engine};

/// Asserts that no password that was kept is in what was written.
fn holds_no_password(estate: &Estate, text: &str) {
    for role in ["owner", "runtime"] {
        assert!(!text.contains(&estate.password(role)), "{text}");
    }
}

pub(crate) async fn a_new_database_is_served_from_without_rights_on_its_schema(app: App) {
    let estate = Estate::of(&app);
    let made = estate.set_up_kept(&app, &[]).await.exits(0);
    holds_no_password(&estate, &made.output());
    assert!(
        made.stdout
            .contains(&format!("{}:********@", estate.runtime)),
        "{made:#?}"
    );
    for role in ["owner", "runtime"] {
        let bits = estate.file(role).metadata().unwrap().permissions().mode();
        assert_eq!(bits & 0o777, 0o600);
    }
    let (owner, runtime) = (estate.url("owner"), estate.url("runtime"));
    let again = estate.set_up_kept(&app, &[]).await.exits(0);
    assert!(again.stderr.contains("nothing to do"), "{again:#?}");

    let as_runtime = [("DATABASE_URL", runtime.as_str())];
    app.run_with(&as_runtime, &["migrate", "status"])
        .await
        .exits(75);
    app.run_with(&as_runtime, &["migrate", "up"]).await.exits(1);
    app.run_with(&[("DATABASE_URL", &owner)], &["migrate", "up"])
        .await
        .exits(0);
    let again = estate.set_up_kept(&app, &[]).await.exits(0);
    assert!(again.stderr.contains("nothing to do"), "{again:#?}");
    assert_eq!(
        (owner, runtime.clone()),
        (estate.url("owner"), estate.url("runtime"))
    );

    let service = app.replica(&as_runtime).await;
    let ana = service.person("Ana").await;
    service
        .patch(&ana.path())
        .token(&ana.token)
        .json(&json!({ "bio": "x" }))
        .await
        .is(200);
    service.delete(&ana.path()).token(&ana.token).await.is(204);
    for sql in [
        "CREATE TABLE mine (id int)",
        "DROP TABLE user_sessions",
        "ALTER TABLE user_profiles ADD COLUMN mine int",
        "CREATE INDEX mine ON user_profiles (bio)",
    ] {
        assert!(estate.sql(&runtime, sql).await.is_err(), "{sql}");
    }
    if service.engine == Engine::Postgres {
        let ledger = "DELETE FROM user_service_migrations";
        assert!(estate.sql(&runtime, ledger).await.is_err());
        // Somebody took rights away, and gave others.
        let harm = format!(
            "REVOKE DELETE ON user_sessions FROM {runtime}; GRANT INSERT ON user_service_migrations TO {runtime}; \
             GRANT CREATE ON SCHEMA public TO {runtime}",
            runtime = estate.runtime
        );
        estate.as_administrator(&estate.database, &harm).await;
    } else {
        let harm = format!(
            "GRANT DROP ON `{}`.* TO {runtime}; REVOKE DELETE ON `{}`.* FROM {runtime}",
            estate.database.replace('_', "\\_"),
            estate.database.replace('_', "\\_"),
            runtime = estate.runtime
        );
        estate.as_administrator("", &harm).await;
    }
    let mended = estate.set_up_kept(&app, &[]).await.exits(0);
    assert!(mended.stderr.contains("done: "), "{mended:#?}");
    let again = estate.set_up_kept(&app, &[]).await.exits(0);
    assert!(again.stderr.contains("nothing to do"), "{again:#?}");
    let well = app.run_with(&as_runtime, &["doctor"]).await.exits(0);
    holds_no_password(&estate, &well.output());
}

pub(crate) async fn a_dry_run_masks_passwords_and_changes_nothing(app: App) {
    let estate = Estate::of(&app);
    let given = [
        ("DATABASE_OWNER_PASSWORD", "hunter2-owner"),
        ("DATABASE_RUNTIME_PASSWORD", "hunter2-runtime"),
    ];
    let told = estate.set_up(&app, &given, &["--dry-run"]).await.exits(0);
    assert!(!told.output().contains("hunter2"), "{told:#?}");
    for sql in [
        "CREATE DATABASE",
        "'********'",
        "GRANT",
        &estate.owner,
        &estate.runtime,
    ] {
        assert!(told.stdout.contains(sql), "{sql}: {told:#?}");
    }
    assert!(!estate.knows(&estate.owner).await);
    estate.set_up(&app, &given, &[]).await.exits(0);
    let told = estate.set_up(&app, &given, &["--dry-run"]).await.exits(0);
    assert!(told.stdout.contains("nothing to do"), "{told:#?}");
}

pub(crate) async fn no_password_is_made_and_lost(app: App) {
    let estate = Estate::of(&app);
    let refused = estate.set_up(&app, &[], &[]).await.exits(78);
    for way in ["--out", "--show-passwords", "DATABASE_OWNER_PASSWORD"] {
        assert!(refused.stderr.contains(way), "{way}: {refused:#?}");
    }
    assert!(!estate.knows(&estate.owner).await);
    let shown = estate
        .set_up(&app, &[], &["--show-passwords"])
        .await
        .exits(0);
    let (_, url) = shown
        .stdout
        .lines()
        .next()
        .unwrap()
        .split_once(' ')
        .unwrap();
    assert!(!url.contains("****"), "{shown:#?}");
    estate.sql(url.trim(), "SELECT 1").await.unwrap();
}

pub(crate) async fn passwords_can_be_given_and_set_anew(app: App) {
    let estate = Estate::of(&app);
    let odd = "a'b\\c\"d @:/?#%41 ä`$";
    let given = [
        ("DATABASE_OWNER_PASSWORD", odd),
        ("DATABASE_RUNTIME_PASSWORD", odd),
    ];
    let made = estate.set_up(&app, &given, &[]).await.exits(0);
    assert!(!made.output().contains(odd), "{made:#?}");
    let again = estate.set_up(&app, &given, &[]).await.exits(0);
    assert!(again.stderr.contains("nothing to do"), "{again:#?}");
    // The PostgreSQL of the tests may believe everybody; then there is no wrong password.
    let other = [
        ("DATABASE_OWNER_PASSWORD", odd),
        ("DATABASE_RUNTIME_PASSWORD", "other"),
    ];
    if app.engine == Engine::MySql {
        let refused = estate.set_up(&app, &other, &[]).await.exits(78);
        assert!(refused.stderr.contains("--reset-passwords"), "{refused:#?}");
    }
    let anew = estate
        .set_up(&app, &other, &["--reset-passwords"])
        .await
        .exits(0);
    assert!(anew.stderr.contains("********"), "{anew:#?}");
    assert!(!anew.output().contains("other@"), "{anew:#?}");
    estate.set_up(&app, &other, &[]).await.exits(0);
}

pub(crate) async fn what_is_not_ours_is_not_touched(app: App) {
    let estate = Estate::of(&app);
    let administrator = if app.engine == Engine::Postgres {
        "postgres"
    } else {
        "root"
    };
    let show = "--show-passwords";
    for (arguments, says) in [
        (["--database", "a\"; DROP"], "letters"),
        (["--runtime", "a'b"], "letters"),
        (["--owner", administrator], administrator),
        (["--runtime", &estate.owner], "must be two"),
        (["--database", "information_schema"], "keeps for itself"),
    ] {
        // The last of two counts, so the names of the test are left out.
        let mut all = vec!["db", "setup", show];
        let defaults = [
            "--database",
            &estate.database,
            "--owner",
            &estate.owner,
            "--runtime",
            &estate.runtime,
        ];
        for pair in defaults.chunks(2) {
            if pair[0] != arguments[0] {
                all.extend(pair);
            }
        }
        all.extend(arguments);
        let url = [("DATABASE_ADMIN_URL", app.database_url())];
        let refused = app.run_with(&url, &all).await.exits(78);
        assert!(refused.stderr.contains(says), "{says}: {refused:#?}");
    }
    assert!(!estate.knows(&estate.owner).await);
    let without = app.run(&["db", "setup", show]).await.exits(78);
    assert!(
        without.stderr.contains("DATABASE_ADMIN_URL"),
        "{without:#?}"
    );
    let scheme = app.database_url().split(':').next().unwrap();
    let nowhere = format!("{scheme}://somebody:hunter2@127.0.0.1:1/x");
    let url = [("DATABASE_ADMIN_URL", nowhere.as_str())];
    let away = app.run_with(&url, &["db", "setup", show]).await.exits(69);
    assert!(!away.output().contains("hunter2"), "{away:#?}");
    // An account that may do more than it needs is somebody else's.
    let mighty = if app.engine == Engine::Postgres {
        format!("CREATE ROLE {} LOGIN CREATEDB", estate.runtime)
    } else {
        format!(
            "CREATE USER {0}; GRANT CREATE ON *.* TO {0}",
            estate.runtime
        )
    };
    estate.as_administrator("", &mighty).await;
    let refused = estate.set_up(&app, &[], &[show]).await.exits(78);
    assert!(refused.stderr.contains("--runtime"), "{refused:#?}");
}
