//! Starting and stopping.

use std::io::Read as _;

use flate2::read::GzDecoder;
use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{App, Engine};
use crate::people::USERS;

pub(crate) async fn probes_answer_without_a_token(app: App) {
    for path in [
        "/",
        "/health",
        "/health/live",
        "/health/ready",
        "/openapi.json",
    ] {
        app.get(path).await.is(200);
    }
}

pub(crate) async fn the_page_of_the_api_is_read_by_browsers_and_by_others(app: App) {
    let page = "/docs/swagger-ui.css";
    let plain = app.get(page).await;
    let packed = app.get(page).header("Accept-Encoding", "br, gzip").await;
    for reply in [&plain, &packed] {
        assert_eq!(reply.status, 200);
        assert!(reply.header("Vary").contains("Accept-Encoding"));
    }
    assert_eq!(plain.maybe("Content-Encoding"), None);
    assert_eq!(packed.header("Content-Encoding"), "gzip");
    let mut unpacked = String::new();
    GzDecoder::new(packed.body.as_slice())
        .read_to_string(&mut unpacked)
        .unwrap();
    assert_eq!(plain.body, unpacked.as_bytes());
    let refused = app.get(page).header("Accept-Encoding", "gzip;q=0").await;
    assert_eq!(refused.body, plain.body);
    let script = app.get("/docs/swagger-initializer.js").await.is(200);
    assert!(String::from_utf8_lossy(&script.body).contains("/openapi.json"));
    app.get("/docs/nothing.js").await.problem(404);
}

pub(crate) async fn what_was_answered_is_kept_when_it_stops(mut app: App) {
    let one = async |app: &App| {
        let mut made = Vec::new();
        for _ in 0..10_000 {
            let token = app.token(&Uuid::new_v4().to_string(), &json!({}));
            let body = json!({ "display_name": "Ana" });
            match app.post(USERS).token(token).json(&body).attempt().await {
                Ok(reply) if reply.status == 201 => {
                    made.push(reply.json()["id"].as_str().unwrap().to_owned());
                }
                Ok(reply) => {
                    reply.problem(503);
                    break;
                }
                Err(_) => break,
            }
            if made.len() == 3 {
                app.terminate_once();
            }
        }
        made
    };
    let made: Vec<String> = join_all((0..16).map(|_| one(&app))).await.concat();
    assert_eq!(app.ended().await, Some(0), "{}", app.logs());
    assert!(made.len() >= 3);
    app.restart().await;
    let admin = app.admin();
    assert_eq!(app.read(USERS, &admin).await["total"], json!(made.len()));
    for id in &made {
        app.get(&format!("{USERS}/{id}"))
            .token(&admin.token)
            .await
            .is(200);
    }
}

pub(crate) async fn an_idle_service_stops_at_once(mut app: App) {
    app.person("Ana").await;
    assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
}

pub(crate) async fn pending_migrations_keep_it_from_starting(mut app: App) {
    app.stop_gracefully().await;
    app.run(&["migrate", "down"]).await.exits(0);
    if app.engine == Engine::Sqlite {
        // The embedded database migrates itself.
        app.restart().await;
        app.person("Ana").await;
        return;
    }
    let outcome = app.run(&["serve"]).await.exits(75);
    assert!(outcome.output().contains("migrat"), "{outcome:#?}");
    app.run(&["migrate", "up"]).await.exits(0);
    app.restart().await;
}

pub(crate) async fn a_missing_secret_is_named(mut app: App) {
    app.stop_gracefully().await;
    app.unset("JWT_SECRET_KEY");
    let outcome = app.run(&["serve"]).await.exits(78);
    assert!(outcome.output().contains("JWT_SECRET_KEY"), "{outcome:#?}");
}

pub(crate) async fn every_fault_of_the_configuration_is_named(app: App) {
    let mut app = app;
    app.stop_gracefully().await;
    for (name, value) in [
        ("JWT_SECRET_KEY", "short"),
        ("MAX_PAGE_SIZE", "many"),
        ("LOG_LEVEL", "loud"),
    ] {
        app.set(name, value);
    }
    let outcome = app.run(&["serve"]).await.exits(78);
    for name in ["JWT_SECRET_KEY", "MAX_PAGE_SIZE", "LOG_LEVEL"] {
        assert!(outcome.output().contains(name), "{name}: {outcome:#?}");
    }
}

pub(crate) async fn logs_hold_nothing_personal(mut app: App) {
    let (name, phone) = ("Markername7f3a", "+442071838750");
    let ana = app
        .person_with(json!({ "display_name": name, "phone_number": phone }))
        .await;
    let me = format!("{USERS}/me");
    app.get(&me).token(&ana.token).await.is(200);
    let body = json!({ "display_name": name, "website": name, "phone_number": "+4420718387" });
    app.patch(&me).token(&ana.token).json(&body).await.is(422);
    app.post(USERS)
        .token(&ana.token)
        .json(&json!({ "display_name": name }))
        .await
        .is(409);
    app.get(&format!("{USERS}/search?q={name}"))
        .token(&ana.token)
        .await
        .is(200);
    app.get(&format!("{USERS}/{name}"))
        .token(&ana.token)
        .await
        .is(404);
    app.get(&format!("{me}?access_token={}", ana.token))
        .await
        .is(401);
    app.get(&me).token(format!("{}x", ana.token)).await.is(401);
    app.post(USERS)
        .token(&ana.token)
        .raw("application/json", format!("{{{name}"))
        .await
        .is(400);
    app.stop_gracefully().await;
    let logs = app.logs();
    let signature = ana.token.rsplit('.').next().unwrap();
    let secrets = [
        name,
        "2071838750",
        ana.token.as_str(),
        signature,
        app.key.as_str(),
    ];
    for line in logs.lines().filter(|line| !line.trim().is_empty()) {
        serde_json::from_str::<serde_json::Value>(line)
            .unwrap_or_else(|_| panic!("not JSON: {line}"));
        for secret in secrets {
            let lower = line.to_lowercase();
            assert!(
                !lower.contains(&secret.to_lowercase()),
                "{secret} in {line}"
            );
        }
    }
    assert!(!logs.is_empty());
}
