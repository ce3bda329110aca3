//! Metrics.

use crate::harness::{App, Engine};

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

    let system = match app.engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgresql",
        Engine::MySql => "mysql",
    };
    for operation in ["SELECT", "INSERT", "BEGIN", "COMMIT"] {
        let labels = [("db_system_name", system), ("db_operation_name", operation)];
        let statements = count("db_client_operation_duration_seconds_count", &labels);
        assert!(statements > Some(0.0), "{operation}: {metrics}");
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
