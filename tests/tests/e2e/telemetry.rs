//! Metrics.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{App, Engine};

const PATIENCE: Duration = Duration::from_secs(20);

async fn metrics(app: &App) -> String {
    app.get("/metrics").await.is(200).text()
}

/// The value of the one series of this family that has all of these labels.
#[track_caller]
fn value(metrics: &str, family: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let mut series = metrics.lines().filter(|line| {
        let name = line.split(['{', ' ']).next();
        let has = |(name, value): &(&str, &str)| line.contains(&format!("{name}=\"{value}\""));
        name == Some(family) && labels.iter().all(has)
    });
    let found = series.next()?;
    assert_eq!(series.next(), None, "{family} {labels:?}");
    Some(found.rsplit(' ').next().unwrap().parse().unwrap())
}

/// How many statements of this kind were run.
#[track_caller]
fn statements(app: &App, metrics: &str, operation: &str) -> f64 {
    let system = match app.engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgresql",
        Engine::MySql => "mysql",
    };
    let labels = [("db_system_name", system), ("db_operation_name", operation)];
    let run = value(
        metrics,
        "db_client_operation_duration_seconds_count",
        &labels,
    );
    run.unwrap_or_default()
}

/// Where the database returns what it wrote nothing is read for it, and nowhere anything begun. Some of both is run by the
/// service meanwhile for itself, and in its first seconds also to learn whether the bearer may be let in.
pub(crate) async fn a_plain_change_is_one_statement(app: App) {
    const CHANGES: u32 = 40;
    let ana = app.person("Ana").await;
    let writer = app.service("users:write");
    let reads = match app.engine {
        Engine::Sqlite | Engine::Postgres => 0.0,
        Engine::MySql => 1.0,
    };
    let end = Instant::now() + PATIENCE;
    loop {
        let before = metrics(&app).await;
        for n in 0..CHANGES {
            let body = json!({ "bio": format!("{n} of {end:?}") });
            let reply = app.patch(&ana.path()).token(&writer.token).json(&body);
            assert_eq!(reply.await.is(200).json()["bio"], body["bio"]);
        }
        let after = metrics(&app).await;
        let each = |operation| {
            let run = statements(&app, &after, operation) - statements(&app, &before, operation);
            run / f64::from(CHANGES)
        };
        assert!(each("UPDATE") >= 1.0 && each("UPDATE") < 1.5, "{after}");
        assert!(each("BEGIN") < 0.5, "{after}");
        if (reads..reads + 0.5).contains(&each("SELECT")) {
            return;
        }
        assert!(Instant::now() < end, "{} reads: {after}", each("SELECT"));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

pub(crate) async fn metrics_tell_what_the_service_does(mut app: App) {
    let ana = app.person("Ana").await;
    let ana = app.signed_in(&ana, "one");
    for _ in 0..2 {
        app.get(&ana.path()).token(&ana.token).await.is(200);
    }
    app.get(&ana.path()).token("no.token.atall").await.is(401);
    let sessions = format!("{}/sessions", ana.path());
    app.delete(&sessions)
        .token(&app.admin().token)
        .await
        .is(200);
    let metrics = metrics(&app).await;
    let count = |family: &str, labels: &[(&str, &str)]| value(&metrics, family, labels);

    let requests = "http_server_request_duration_seconds_count";
    let get = [
        ("http_request_method", "GET"),
        ("http_route", "/api/v1/users/{id}"),
    ];
    let with = |status| [get[0], get[1], ("http_response_status_code", status)];
    assert_eq!(count(requests, &with("200")), Some(2.0), "{metrics}");
    assert_eq!(count(requests, &with("401")), Some(1.0), "{metrics}");
    // That of the scrape itself.
    assert_eq!(count("http_server_active_requests", &get[..1]), Some(1.0));

    for operation in ["SELECT", "INSERT", "BEGIN", "COMMIT"] {
        let run = statements(&app, &metrics, operation);
        assert!(run > 0.0, "{operation}: {metrics}");
    }
    for (pool, max) in [("requests", 10.0), ("upkeep", 3.0)] {
        let pool = ("db_client_connection_pool_name", pool);
        assert_eq!(count("db_client_connection_max", &[pool]), Some(max));
        let open: f64 = ["used", "idle"]
            .map(|state| {
                let labels = [pool, ("db_client_connection_state", state)];
                count("db_client_connection_count", &labels).unwrap()
            })
            .iter()
            .sum();
        assert!((1.0..=max).contains(&open), "{metrics}");
        assert!(count("db_client_connection_pending_requests", &[pool]).is_some());
    }
    for result in ["hit", "miss"] {
        let labels = [("cache", "tokens"), ("result", result)];
        assert!(count("user_service_cache_requests_total", &labels) > Some(0.0));
    }
    let revoked = "user_service_sessions_revoked_total";
    assert_eq!(
        count(revoked, &[("reason", "revoked")]),
        Some(1.0),
        "{metrics}"
    );
    let refused = [("reason", "invalid_token")];
    assert_eq!(
        count("user_service_auth_failures_total", &refused),
        Some(1.0)
    );
    let database = [("dependency", "database")];
    assert_eq!(count("user_service_dependency_up", &database), Some(1.0));
    let build = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(count("user_service_build_info", &build), Some(1.0));
    assert!(count("process_resident_memory_bytes", &[]) > Some(0.0));
    app.until("user_service_migrations_pending 0").await;

    app.restart_with("PROMETHEUS_ENABLED", "false").await;
    app.get("/metrics").await.problem(404);
}
