//! What operators ask of a running service: metrics, health, logs.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{App, free_port};
use crate::people::USERS;

pub(crate) async fn no_label_is_under_a_callers_control(app: App) {
    let series = async || -> BTreeSet<String> {
        let metrics = app.get("/metrics").await.is(200).text();
        let names = metrics.lines().filter(|line| !line.starts_with('#'));
        names
            .map(|line| line.rsplit_once(' ').unwrap().0.to_owned())
            .collect()
    };
    let odd = async |n: u32| {
        let method = Method::from_bytes(format!("BREW{n}").as_bytes()).unwrap();
        app.request(method, &format!("/api/v1/users?a={n}"))
            .header("host", &format!("host{n}.example"))
            .header("user-agent", &format!("agent{n}"))
            .await
            .is(405);
        app.get(&format!("/nothing/{n}")).await.is(404);
        app.get(&format!("{USERS}/nothing/at/{n}")).await.is(404);
        app.get(&format!("{USERS}/{}", Uuid::new_v4()))
            .await
            .is(401);
        app.get(&format!("{USERS}/{n}"))
            .token(n.to_string())
            .await
            .is(401);
    };
    odd(0).await;
    // The scrape is a request as well.
    series().await;
    let before = series().await;
    for n in 1..10 {
        odd(n).await;
    }
    let after = series().await;
    let new: Vec<_> = after.difference(&before).collect();
    assert_eq!(new, Vec::<&String>::new());
    for (method, route) in [("_OTHER", "/api/v1/users"), ("GET", "none")] {
        let labels = format!("http_request_method=\"{method}\"");
        let labels = |line: &String| {
            line.contains(&labels) && line.contains(&format!("http_route=\"{route}\""))
        };
        assert!(after.iter().any(labels), "{method} {route}: {after:#?}");
    }
}

pub(crate) async fn operators_have_a_listener_of_their_own(mut app: App) {
    let port = free_port();
    app.restart_with("MANAGEMENT_ADDR", &format!("127.0.0.1:{port}"))
        .await;
    let at = |path: &str| app.get_url(&format!("http://127.0.0.1:{port}{path}"));
    app.get("/metrics").await.problem(404);
    app.get("/version").await.problem(404);
    let metrics = at("/metrics").await.is(200).text();
    assert!(metrics.contains("user_service_build_info"), "{metrics}");
    let version = at("/version").await.is(200).json();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    assert!(
        version["adapters"]
            .as_array()
            .is_some_and(|all| !all.is_empty())
    );
    for path in ["/health", "/health/live", "/health/ready"] {
        app.get(path).await.is(200);
        at(path).await.is(200);
    }
    at(USERS).await.problem(404);
    at("/").await.problem(404);
    assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
}

pub(crate) async fn readiness_ends_before_service_does(mut app: App) {
    let port = free_port();
    app.set("MANAGEMENT_ADDR", &format!("127.0.0.1:{port}"));
    app.restart_with("SHUTDOWN_DELAY", "2").await;
    let ana = app.person("Ana").await;
    let kept = app.get(&ana.path()).token(&ana.token).await.is(200);
    assert_eq!(kept.maybe("connection"), None);
    app.terminate();
    app.logged("shutting down").await;
    let management = |path: &str| app.get_url(&format!("http://127.0.0.1:{port}{path}"));
    for path in ["/health/ready", "/health/ready?verbose", "/health"] {
        app.get(path).await.problem(503);
        management(path).await.problem(503);
    }
    app.get("/health/live").await.is(200);
    // Whoever keeps a connection is told to make another one, elsewhere.
    let answer = app.get(&ana.path()).token(&ana.token).await.is(200);
    assert_eq!(answer.header("connection"), "close");
    management("/metrics").await.is(200);
    assert_eq!(app.ended().await, Some(0), "{}", app.logs());
}

pub(crate) async fn a_request_is_one_line_with_its_ids(app: App) {
    let (id, trace) = (
        Uuid::new_v4().to_string(),
        Uuid::new_v4().simple().to_string(),
    );
    app.get(&format!("{USERS}/{}", Uuid::new_v4()))
        .header("x-request-id", &id)
        .header("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"))
        .await
        .is(401);
    let logs = app.logs();
    let lines: Vec<Value> = logs
        .lines()
        .filter(|line| line.contains(&id))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [line] = lines.as_slice() else {
        panic!("not one line: {lines:#?}")
    };
    for (member, value) in [
        ("message", json!("request")),
        ("level", json!("INFO")),
        ("method", json!("GET")),
        ("route", json!("/api/v1/users/{id}")),
        ("status", json!(401)),
        ("request_id", json!(id)),
        ("trace_id", json!(trace)),
    ] {
        assert_eq!(line[member], value, "{member}: {line}");
    }
}

pub(crate) async fn levels_change_at_a_hangup(mut app: App) {
    app.unset("LOG_LEVEL");
    app.dotenv("LOG_LEVEL=info\n");
    app.restart().await;
    let ask = async |id: &str| {
        app.get("/health/live")
            .header("x-request-id", id)
            .await
            .is(200);
        app.logs().contains(id)
    };
    assert!(ask("while-it-is-info").await);
    let anew = "the levels of the log were read anew";
    app.dotenv("LOG_LEVEL=warn\n");
    app.signal("HUP");
    app.logged(anew).await;
    assert!(!ask("while-it-is-warn").await);
    // What has faults changes nothing.
    app.dotenv("LOG_LEVEL=loud\n");
    app.signal("HUP");
    app.logged("the levels of the log stay as they are").await;
    assert!(!ask("while-it-is-still-warn").await);
    app.dotenv("LOG_LEVEL=info\nJSON_LOGS=false\n");
    app.signal("HUP");
    app.logged(&format!("{anew}\",\"levels\":\"info")).await;
    assert!(ask("while-it-is-info-again").await);
}

pub(crate) async fn logs_can_be_for_people(mut app: App) {
    app.restart_with("LOG_FORMAT", "pretty").await;
    let id = Uuid::new_v4().to_string();
    app.get("/health/live")
        .header("x-request-id", &id)
        .await
        .is(200);
    let logs = app.logs();
    let line = logs.lines().find(|line| line.contains(&id)).unwrap();
    assert!(serde_json::from_str::<Value>(line).is_err(), "{line}");
}
