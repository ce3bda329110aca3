//! Errors on the wire, request ids, HEAD.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::harness::App;
use crate::people::USERS;
use crate::sessions::start;

/// A body whose objects and arrays are nested this deep.
fn nested(depth: usize) -> String {
    let inner = depth - 1;
    format!("{{\"x\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
}

pub(crate) async fn an_unknown_route_is_not_found(app: App) {
    let token = app.admin().token;
    for path in [
        "/nothing",
        "/api/v1",
        "/api/v2/users",
        &format!("{USERS}/me/nothing"),
        "/%FF",
    ] {
        app.get(path).token(&token).await.problem(404);
    }
}

pub(crate) async fn a_wrong_method_is_told_the_right_ones(app: App) {
    let ana = app.person("Ana").await;
    for (method, path, allowed) in [
        (Method::PUT, USERS.to_owned(), &["GET", "POST"][..]),
        (Method::DELETE, USERS.to_owned(), &["GET", "POST"]),
        (Method::PUT, ana.path(), &["GET", "PATCH", "DELETE"]),
        (Method::POST, ana.preferences(), &["GET", "PATCH"]),
        (Method::POST, format!("{USERS}/search"), &["GET"]),
        (Method::PATCH, ana.sessions(), &["GET", "POST", "DELETE"]),
        (
            Method::GET,
            format!("{}/current", ana.sessions()),
            &["DELETE"],
        ),
        (Method::POST, "/api/v1/revocations".to_owned(), &["GET"]),
    ] {
        let reply = app.request(method, &path).token(&ana.token).await;
        reply.problem(405);
        let allow = reply.header("allow");
        for method in allowed {
            assert!(
                allow.split(',').any(|known| known.trim() == *method),
                "{path}: {allow}"
            );
        }
    }
}

pub(crate) async fn malformed_json_is_a_bad_request(app: App) {
    let ana = app.person("Ana").await;
    for body in [
        &b"{"[..],
        b"",
        b"{\"display_name\":}",
        b"{} {}",
        b"nul",
        b"{\"display_name\":\"\xff\"}",
        b"\xff\xfe",
    ] {
        let post = app
            .post(USERS)
            .token(&ana.token)
            .raw("application/json", body);
        post.await.problem(400);
        let patch = app
            .patch(&ana.path())
            .token(&ana.token)
            .raw("application/json", body);
        patch.await.problem(400);
    }
}

pub(crate) async fn another_media_type_is_refused(app: App) {
    let token = app.stranger().token;
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let body = r#"{"display_name":"Ana"}"#;
        app.post(USERS)
            .token(&token)
            .raw(media_type, body)
            .await
            .problem(415);
    }
}

pub(crate) async fn a_large_body_is_refused(app: App) {
    let ana = app.person("Ana").await;
    let large = |size: usize| json!({ "bio": "x".repeat(size) });
    app.post(USERS)
        .token(&ana.token)
        .json(&large(65 * 1024))
        .await
        .problem(413);
    app.patch(&ana.path())
        .token(&ana.token)
        .json(&large(65 * 1024))
        .await
        .problem(413);
    app.patch(&ana.path())
        .token(&ana.token)
        .json(&large(63 * 1024))
        .await
        .faults(&["/bio"]);
    let body = json!({ "custom_settings": { "a": "x".repeat(129 * 1024) } });
    app.patch(&ana.preferences())
        .token(&ana.token)
        .json(&body)
        .await
        .problem(413);
}

pub(crate) async fn a_deeply_nested_body_is_refused(app: App) {
    let token = app.stranger().token;
    for (depth, status) in [(32, 422), (33, 400), (2000, 400), (30_000, 400)] {
        let post = app
            .post(USERS)
            .token(&token)
            .raw("application/json", nested(depth));
        post.await.problem(status);
    }
}

pub(crate) async fn html_is_not_spoken(app: App) {
    let ana = app.person("Ana").await;
    app.get(&ana.path())
        .token(&ana.token)
        .header("accept", "text/html")
        .await
        .problem(406);
    for accept in ["*/*", "application/*", "text/html, application/json;q=0.5"] {
        app.get(&ana.path())
            .token(&ana.token)
            .header("accept", accept)
            .await
            .is(200);
    }
}

pub(crate) async fn every_code_is_documented(app: App) {
    let (ana, admin) = (app.person("Ana").await, app.admin().token);
    let name = json!({ "display_name": "x" });
    let post = |body: &str| {
        app.post(USERS)
            .token(&ana.token)
            .raw("application/json", body)
    };
    let patch = || app.patch(&ana.path()).token(&ana.token);
    let gone = app.signed_in(&ana, "gone");
    let current = format!("{}/current", ana.sessions());
    start(&app, &gone).await.is(201);
    app.delete(&current).token(&gone.token).await.is(204);
    let hidden = app.inactive("Hidden").await;
    let over = json!({ "session_token": "gone" });
    let replies = [
        app.get(USERS).token(&gone.token).await,
        app.get(USERS).token(&hidden.token).await,
        app.delete(&current).token(&admin).await,
        app.post(&ana.sessions()).token(&admin).json(&over).await,
        post("{").await,
        app.get(&format!("{USERS}?limit=0")).token(&admin).await,
        app.get(&format!("{USERS}?cursor=x")).token(&admin).await,
        app.get(USERS).await,
        app.get(USERS).token("garbage").await,
        app.patch(&ana.path())
            .token(app.stranger().token)
            .json(&name)
            .await,
        app.get("/nothing").await,
        app.get(&format!("{USERS}/{}", Uuid::new_v4()))
            .token(&admin)
            .await,
        app.request(Method::PUT, USERS).token(&admin).await,
        app.get(&ana.path())
            .token(&admin)
            .header("accept", "text/html")
            .await,
        post(r#"{"display_name":"x"}"#).await,
        patch().header("if-match", "\"x\"").json(&name).await,
        patch().json(&json!({ "bio": "x".repeat(70_000) })).await,
        patch().raw("text/plain", "x").await,
        patch().json(&json!({ "z": 1 })).await,
    ];
    let codes: BTreeSet<_> = replies
        .iter()
        .map(|reply| {
            reply.problem(reply.status)["code"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(codes.len() >= 14, "{codes:?}");
    for code in codes {
        app.get(&format!("/problems/{code}")).await.is(200);
    }
    app.get("/problems/no-such-problem").await.problem(404);
}

pub(crate) async fn the_request_id_of_the_caller_is_kept(app: App) {
    for id in ["a", "abc-123_~!", &"x".repeat(128)] {
        for path in ["/health/live", "/nothing", USERS] {
            assert_eq!(
                app.get(path)
                    .header("x-request-id", id)
                    .await
                    .header("x-request-id"),
                id
            );
        }
    }
}

pub(crate) async fn other_requests_get_an_id(app: App) {
    for id in ["", "has space", "ü", "tab\tin", &"x".repeat(129)] {
        let reply = app.get("/nothing").header("x-request-id", id).await;
        let given: Uuid = reply.header("x-request-id").parse().unwrap();
        assert_eq!(given.get_version_num(), 7);
    }
    let first = app.get("/health/live").await.header("x-request-id");
    let second = app.get("/health/live").await.header("x-request-id");
    assert_ne!(first, second);
    assert_eq!(first.parse::<Uuid>().unwrap().get_version_num(), 7);
}

pub(crate) async fn head_answers_as_get_without_a_body(app: App) {
    let ana = app.person("Ana").await;
    let paths = [
        USERS.to_owned(),
        format!("{USERS}/search?q=ana"),
        format!("{USERS}/me"),
        ana.path(),
        ana.preferences(),
        ana.sessions(),
        "/health/ready".to_owned(),
        "/openapi.json".to_owned(),
    ];
    for path in paths {
        let get = app.get(&path).token(&ana.token).await.is(200);
        let head = app.head(&path).token(&ana.token).await.is(200);
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-type", "etag"] {
            assert_eq!(head.maybe(name), get.maybe(name), "{path}");
        }
    }
    assert_eq!(app.head(USERS).await.status, 401);
}
