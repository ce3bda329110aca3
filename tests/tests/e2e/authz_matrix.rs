//! Who may do what: every operation of the document with every kind of caller.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::App;
use crate::people::{Person, USERS};
use crate::pictures;

/// One operation and what each caller gets.
struct Row {
    method: &'static str,
    path: &'static str,
    anonymous: u16,
    /// Somebody without a profile, or a service with every scope but the one named.
    stranger: u16,
    owner: u16,
    /// An administrator without a profile.
    admin: u16,
    /// The scope that opens the operation to a service; empty where none does.
    scope: &'static str,
    service: u16,
}

const fn row(
    method: &'static str,
    path: &'static str,
    [anonymous, stranger, owner, admin]: [u16; 4],
    scope: &'static str,
    service: u16,
) -> Row {
    Row {
        method,
        path,
        anonymous,
        stranger,
        owner,
        admin,
        scope,
        service,
    }
}

const fn open(path: &'static str) -> Row {
    row("get", path, [200; 4], "", 200)
}

/// The table; callers in the order anonymous, stranger, owner, admin.
const ROWS: &[Row] = &[
    open("/"),
    open("/health"),
    open("/health/live"),
    open("/health/ready"),
    open("/metrics"),
    row(
        "get",
        "/api/v1/users",
        [401, 200, 200, 200],
        "users:read",
        200,
    ),
    row(
        "post",
        "/api/v1/users",
        [401, 403, 201, 201],
        "users:write",
        201,
    ),
    row(
        "post",
        "/api/v1/users:import",
        [401, 403, 403, 200],
        "users:write",
        200,
    ),
    row(
        "get",
        "/api/v1/users/search",
        [401, 200, 200, 200],
        "users:read",
        200,
    ),
    row(
        "get",
        "/api/v1/users/me",
        [401, 404, 200, 404],
        "users:read",
        404,
    ),
    row(
        "patch",
        "/api/v1/users/me",
        [401, 404, 200, 404],
        "users:write",
        404,
    ),
    row(
        "delete",
        "/api/v1/users/me",
        [401, 404, 204, 404],
        "users:write",
        404,
    ),
    row(
        "get",
        "/api/v1/users/{id}",
        [401, 200, 200, 200],
        "users:read",
        200,
    ),
    row(
        "patch",
        "/api/v1/users/{id}",
        [401, 403, 200, 200],
        "users:write",
        200,
    ),
    row(
        "delete",
        "/api/v1/users/{id}",
        [401, 403, 204, 204],
        "users:write",
        204,
    ),
    row(
        "get",
        "/api/v1/users/{id}/avatar",
        [401, 200, 200, 200],
        "users:read",
        200,
    ),
    row(
        "post",
        "/api/v1/users/{id}/avatar",
        [401, 403, 200, 200],
        "users:write",
        200,
    ),
    row(
        "delete",
        "/api/v1/users/{id}/avatar",
        [401, 403, 204, 204],
        "users:write",
        204,
    ),
    // Off unless it was turned on.
    row("get", "/avatars/{hash}", [404; 4], "", 404),
    row(
        "get",
        "/api/v1/users/{id}/preferences",
        [401, 403, 200, 200],
        "preferences:read",
        200,
    ),
    row(
        "patch",
        "/api/v1/users/{id}/preferences",
        [401, 403, 200, 200],
        "preferences:write",
        200,
    ),
    row(
        "get",
        "/api/v1/users/{id}/sessions",
        [401, 403, 200, 200],
        "sessions:read",
        200,
    ),
    row(
        "post",
        "/api/v1/users/{id}/sessions",
        [401, 403, 201, 201],
        "sessions:write",
        201,
    ),
    row(
        "delete",
        "/api/v1/users/{id}/sessions",
        [401, 403, 200, 200],
        "sessions:write",
        200,
    ),
    row(
        "delete",
        "/api/v1/users/{id}/sessions/{session_id}",
        [401, 403, 204, 204],
        "sessions:write",
        204,
    ),
    row(
        "get",
        "/api/v1/revocations",
        [401, 403, 403, 200],
        "sessions:read",
        200,
    ),
];

/// The session of every owner's token.
const SESSION: &str = "session";

const SCOPES: [&str; 6] = [
    "users:read",
    "users:write",
    "preferences:read",
    "preferences:write",
    "sessions:read",
    "sessions:write",
];

/// Every (method, path) of an `OpenAPI` document.
fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let methods = [
        "get", "put", "post", "delete", "options", "head", "patch", "trace",
    ];
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .keys()
                .map(move |method| (method, path))
        })
        .filter(|(method, _)| methods.contains(&method.as_str()))
        .map(|(method, path)| (method.clone(), path.clone()))
        .collect()
}

pub(crate) async fn every_operation_has_a_row_and_every_row_an_operation(app: App) {
    let documented = operations(&app.get("/openapi.json").await.is(200).json());
    let rows: BTreeSet<_> = ROWS
        .iter()
        .map(|row| (row.method.to_owned(), row.path.to_owned()))
        .collect();
    assert_eq!(rows.len(), ROWS.len(), "a row is there twice");
    let missing: Vec<_> = documented.difference(&rows).collect();
    let stale: Vec<_> = rows.difference(&documented).collect();
    assert!(missing.is_empty(), "operations without a row: {missing:?}");
    assert!(stale.is_empty(), "rows without an operation: {stale:?}");
}

/// Sends the row's request about a fresh target.
async fn status(app: &App, row: &Row, caller: impl AsyncFn(&Person) -> Option<String>) -> u16 {
    let creates = row.method == "post" && row.path == USERS;
    let target = if creates {
        app.stranger()
    } else {
        app.signed_in(&app.person("Target").await, SESSION)
    };
    let mut path = row.path.replace("{id}", &target.id);
    if path.contains("{session_id}") {
        let body = json!({ "session_token": "another" });
        let post = app.post(&target.sessions()).token(app.admin().token);
        let made = post.json(&body).await.is(201).json();
        path = path.replace("{session_id}", made["id"].as_str().unwrap());
    }
    if path.ends_with("/search") {
        path.push_str("?q=target");
    }
    let method: Method = row.method.to_uppercase().parse().unwrap();
    let mut request = app.request(method, &path);
    if let Some(token) = caller(&target).await {
        request = request.token(token);
    }
    if creates {
        request = request.json(&json!({ "user_id": target.sub, "display_name": "Made" }));
    } else if row.path.ends_with(":import") {
        let line = json!({ "user_id": target.sub, "display_name": "Imported" });
        request = request.raw("application/x-ndjson", line.to_string());
    } else if row.method == "post" && row.path.ends_with("/avatar") {
        request = request.raw("image/png", pictures::plain([1, 2, 3]));
    } else if row.method == "post" {
        request = request.json(&json!({ "session_token": SESSION }));
    } else if row.method == "patch" {
        let preferences = row.path.ends_with("/preferences");
        let body = if preferences {
            json!({ "theme": "dark" })
        } else {
            json!({ "bio": "b" })
        };
        request = request.json(&body);
    }
    request.await.status
}

pub(crate) async fn every_caller_gets_what_the_table_says(app: App) {
    let mut wrong = Vec::new();
    for row in ROWS {
        let others: Vec<_> = SCOPES
            .into_iter()
            .filter(|scope| *scope != row.scope)
            .collect();
        let mut check = |who: &str, expected: u16, got: u16| {
            if got != expected {
                wrong.push(format!(
                    "{} {} {who}: {got}, not {expected}",
                    row.method, row.path
                ));
            }
        };
        check(
            "anonymous",
            row.anonymous,
            status(&app, row, async |_| None).await,
        );
        let stranger = app.stranger().token;
        check(
            "stranger",
            row.stranger,
            status(&app, row, async |_| Some(stranger.clone())).await,
        );
        let other = app.service(&others.join(" ")).token;
        check(
            "other scopes",
            row.stranger,
            status(&app, row, async |_| Some(other.clone())).await,
        );
        let own = async |target: &Person| Some(target.token.clone());
        check("owner", row.owner, status(&app, row, own).await);
        let admin = app.admin().token;
        check(
            "admin",
            row.admin,
            status(&app, row, async |_| Some(admin.clone())).await,
        );
        let scoped = app.service("users:admin").token;
        check(
            "users:admin",
            row.admin,
            status(&app, row, async |_| Some(scoped.clone())).await,
        );
        let service = app.service(row.scope).token;
        check(
            row.scope,
            row.service,
            status(&app, row, async |_| Some(service.clone())).await,
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
