//! What attackers try first: the OWASP API Security Top 10 (2023), against the real program. What other topics hold
//! already is not repeated: `docs/THREAT_MODEL.md` names it.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::client::{Reply, has_exactly};
use crate::harness::App;
use crate::people::{PUBLIC, Person, USERS};
use crate::pictures;
use crate::sessions::start;

/// Asserts that it is refused, with one of these statuses, as a problem.
#[track_caller]
fn refused(reply: &Reply, statuses: &[u16]) {
    assert!(
        statuses.contains(&reply.status),
        "{}: {}",
        reply.status,
        reply.text()
    );
    reply.problem(reply.status);
}

/// Everything that is kept about a person, as they see it.
async fn kept(app: &App, person: &Person) -> [Value; 3] {
    let mut profile = app.read(&person.path(), person).await;
    // To look is to use.
    profile["last_login_at"] = Value::Null;
    let mut sessions = app.read(&person.sessions(), person).await;
    for session in sessions.as_array_mut().unwrap() {
        session["last_activity_at"] = Value::Null;
    }
    [
        profile,
        app.read(&person.preferences(), person).await,
        sessions,
    ]
}

/// Two people who are signed in.
async fn two(app: &App) -> [Person; 2] {
    let mut people = Vec::new();
    for name in ["Ana", "Mallory"] {
        let person = app.person(name).await;
        let person = app.signed_in(&person, name);
        start(app, &person).await.is(201);
        people.push(person);
    }
    people.try_into().ok().unwrap()
}

// API1: broken object level authorisation

pub(crate) async fn what_is_anothers_cannot_be_read(app: App) {
    let [ana, mallory] = two(&app).await;
    for path in [ana.preferences(), ana.sessions()] {
        refused(&app.get(&path).token(&mallory.token).await, &[403]);
        refused(&app.get(&path).await, &[401]);
    }
    has_exactly(&app.read(&ana.path(), &mallory).await, &PUBLIC);
}

pub(crate) async fn what_is_anothers_cannot_be_changed(app: App) {
    let [ana, mallory] = two(&app).await;
    let before = kept(&app, &ana).await;
    let session = before[2][0]["id"].as_str().unwrap().to_owned();
    let bodies = [
        (
            Method::PATCH,
            ana.path(),
            json!({ "display_name": "Owned" }),
        ),
        (
            Method::PATCH,
            ana.preferences(),
            json!({ "newsletter": true }),
        ),
        (
            Method::POST,
            ana.sessions(),
            json!({ "session_token": "mine" }),
        ),
        (Method::DELETE, ana.path(), Value::Null),
        (Method::DELETE, ana.sessions(), Value::Null),
        (
            Method::DELETE,
            format!("{}/{session}", ana.sessions()),
            Value::Null,
        ),
        (
            Method::DELETE,
            format!("{}/avatar", ana.path()),
            Value::Null,
        ),
    ];
    for (method, path, body) in bodies {
        let request = app.request(method.clone(), &path).token(&mallory.token);
        let reply = if body.is_null() {
            request.await
        } else {
            request.json(&body).await
        };
        refused(&reply, &[403]);
        let request = app.request(method, &path);
        let reply = if body.is_null() {
            request.await
        } else {
            request.json(&body).await
        };
        refused(&reply, &[401]);
    }
    let upload = app
        .post(&format!("{}/avatar", ana.path()))
        .token(&mallory.token);
    refused(
        &upload.raw("image/png", pictures::plain([1, 2, 3])).await,
        &[403],
    );
    assert_eq!(kept(&app, &ana).await, before);
}

pub(crate) async fn anothers_session_is_not_found_under_ones_own(app: App) {
    let [ana, mallory] = two(&app).await;
    let before = kept(&app, &ana).await;
    let session = before[2][0]["id"].as_str().unwrap();
    for own in [mallory.sessions(), format!("{USERS}/me/sessions")] {
        let delete = app
            .delete(&format!("{own}/{session}"))
            .token(&mallory.token);
        delete.await.coded(404, "session-not-found");
    }
    assert_eq!(kept(&app, &ana).await, before);
}

pub(crate) async fn other_spellings_of_an_id_open_nothing(app: App) {
    let [ana, mallory] = two(&app).await;
    let before = kept(&app, &ana).await;
    let id = &ana.id;
    for spelling in [
        id.to_uppercase(),
        id.replace('-', ""),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        format!("{id}%00"),
        format!("{id}%20"),
        format!("{id};me"),
        format!("me%2F..%2F{id}"),
        format!("me/../{id}"),
        format!("./{id}"),
        format!("{id},{}", mallory.id),
    ] {
        for (method, below) in [
            (Method::GET, "/preferences"),
            (Method::DELETE, "/sessions"),
            (Method::DELETE, ""),
        ] {
            let path = format!("{USERS}/{spelling}{below}");
            let reply = app.request(method, &path).token(&mallory.token).await;
            refused(&reply, &[400, 403, 404, 405]);
        }
    }
    let twice = format!("{USERS}/me/preferences?user_id={}&id={id}", ana.sub);
    let reply = app.get(&twice).token(&mallory.token).await;
    if reply.status == 200 {
        assert_ne!(
            reply.json(),
            before[1],
            "a query decides whose preferences they are"
        );
    }
    assert_eq!(kept(&app, &ana).await, before);
}

// API2: broken authentication

pub(crate) async fn headers_of_a_gateway_are_no_identity(app: App) {
    let [ana, mallory] = two(&app).await;
    for (name, value) in [
        ("x-user-id", &*ana.sub),
        ("x-forwarded-user", &*ana.sub),
        ("x-remote-user", &*ana.sub),
        ("x-authenticated-userid", &*ana.sub),
        ("x-admin", "true"),
        ("x-roles", "admin"),
        ("x-scope", "users:admin"),
        ("cookie", "session=admin"),
    ] {
        refused(
            &app.get(&ana.preferences()).header(name, value).await,
            &[401],
        );
        let reply = app
            .get(&ana.preferences())
            .token(&mallory.token)
            .header(name, value)
            .await;
        refused(&reply, &[403]);
    }
}

pub(crate) async fn guessing_tokens_is_slowed_down(mut app: App) {
    app.set("RATE_LIMIT_ANONYMOUS", "10/h");
    app.restart_with("RATE_LIMITS", "true").await;
    let mut statuses = Vec::new();
    for n in 0..30 {
        statuses.push(app.get(USERS).token(format!("guess.{n}.x")).await.status);
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 401).count(),
        10,
        "{statuses:?}"
    );
    assert!(
        statuses[10..].iter().all(|status| *status == 429),
        "{statuses:?}"
    );
}

// API3: broken object property level authorisation

/// Members that nobody writes, and what would be tempting to write.
fn forbidden() -> Vec<(&'static str, Value)> {
    vec![
        ("id", json!(Uuid::nil())),
        ("is_verified", json!(true)),
        ("role", json!("admin")),
        ("roles", json!(["admin"])),
        ("is_admin", json!(true)),
        ("scope", json!("users:admin")),
        ("created_at", json!("2000-01-01T00:00:00Z")),
        ("updated_at", json!("2000-01-01T00:00:00Z")),
        ("last_login_at", json!("2000-01-01T00:00:00Z")),
        ("avatar_url", json!("https://evil.example/a.png")),
        ("thumbhash", json!("AAAA")),
        ("version", json!(1)),
        ("email", json!("a@evil.example")),
        ("__proto__", json!({ "is_verified": true })),
        (
            "constructor",
            json!({ "prototype": { "is_verified": true } }),
        ),
        ("$set", json!({ "is_verified": true })),
        ("is_verified ", json!(true)),
        ("Is_Verified", json!(true)),
    ]
}

pub(crate) async fn nobody_is_born_an_administrator(app: App) {
    for (name, value) in forbidden() {
        let mallory = app.stranger();
        let body = json!({ "display_name": "Mallory", name: value });
        refused(
            &app.post(USERS).token(&mallory.token).json(&body).await,
            &[403, 422],
        );
        let me = app.get(&format!("{USERS}/me")).token(&mallory.token);
        me.await.coded(404, "profile-not-found");
    }
}

pub(crate) async fn nobody_makes_themselves_an_administrator(app: App) {
    let [ana, mallory] = two(&app).await;
    let before = kept(&app, &mallory).await;
    let mut members = forbidden();
    members.push(("user_id", json!(ana.sub)));
    members.push(("is_active", json!(false)));
    for (name, value) in members {
        for media_type in ["application/json", "application/merge-patch+json"] {
            let body = json!({ "bio": "changed", name: value }).to_string();
            let patch = app.patch(&mallory.path()).token(&mallory.token);
            refused(&patch.raw(media_type, body).await, &[403, 422]);
        }
        let body = json!({ "theme": "dark", name: value });
        let patch = app.patch(&mallory.preferences()).token(&mallory.token);
        refused(&patch.json(&body).await, &[403, 422]);
    }
    assert_eq!(kept(&app, &mallory).await, before);
}

pub(crate) async fn a_member_that_comes_twice_smuggles_nothing(app: App) {
    let [_, mallory] = two(&app).await;
    for body in [
        r#"{"bio":"a","is_verified":true,"bio":"b"}"#,
        r#"{"is_verified":false,"is_verified":true}"#,
        r#"{"bio":"a","is\u005fverified":true}"#,
        r#"{"bio":"a"},{"is_verified":true}"#,
        r#"[{"bio":"a"},{"is_verified":true}]"#,
    ] {
        let patch = app.patch(&mallory.path()).token(&mallory.token);
        refused(&patch.raw("application/json", body).await, &[400, 403, 422]);
    }
    let read = app.read(&mallory.path(), &mallory).await;
    assert_eq!(read["is_verified"], false);
}

pub(crate) async fn private_members_are_not_found_out_by_lists(app: App) {
    let mut ana = app
        .person_with(json!({ "display_name": "Ana", "phone_number": "+351210000000" }))
        .await;
    ana = app.signed_in(&ana, "ana");
    let stranger = app.stranger().token;
    for query in [
        "sort=phone_number",
        "sort=last_login_at",
        "sort=(select+1)",
        "phone_number=%2B351210000000",
        "phone=1",
        "fields=phone_number",
        "expand=preferences",
        "include=sessions",
        "filter=phone_number",
        "where=1",
    ] {
        let reply = app.get(&format!("{USERS}?{query}")).token(&stranger).await;
        refused(&reply, &[400]);
    }
    for path in [
        USERS.to_owned(),
        format!("{USERS}/search?q=Ana"),
        format!("{USERS}?user_id={}", ana.sub),
    ] {
        let text = app.get(&path).token(&stranger).await.is(200).text();
        assert!(!text.contains("351210000000"), "{text}");
    }
    let found = app
        .get(&format!("{USERS}/search?q=351210000000"))
        .token(&stranger)
        .await
        .is(200);
    assert_eq!(found.json()["items"], json!([]));
}

// API4: unrestricted resource consumption

pub(crate) async fn a_page_is_no_larger_than_it_may_be(app: App) {
    let token = app.admin().token;
    let ids = (0..101)
        .map(|_| Uuid::new_v4().to_string())
        .collect::<Vec<_>>()
        .join(",");
    for query in [
        "limit=101".to_owned(),
        "limit=4294967296".to_owned(),
        "limit=-1".to_owned(),
        "limit=1e3".to_owned(),
        "skip=10001".to_owned(),
        "skip=99999999999999999999".to_owned(),
        format!("ids={ids}"),
        format!("cursor={}", "A".repeat(5000)),
    ] {
        let reply = app.get(&format!("{USERS}?{query}")).token(&token).await;
        refused(&reply, &[400]);
    }
    app.person("Ana").await;
    let long = format!("{USERS}/search?q={}", "a".repeat(5000));
    refused(&app.get(&long).token(&token).await, &[400]);
}

pub(crate) async fn a_bomb_of_json_is_defused(app: App) {
    let [_, mallory] = two(&app).await;
    let many: Vec<_> = (0..9000).map(|n| format!(r#""{n}":{n},"#)).collect();
    let many = many.concat();
    let bombs = [
        format!(
            r#"{{"custom_settings":{}1{}}}"#,
            "[".repeat(50_000),
            "]".repeat(50_000)
        ),
        format!(
            r#"{{"custom_settings":{}1{}}}"#,
            r#"{"a":"#.repeat(15_000),
            "}".repeat(15_000)
        ),
        format!(r#"{{"custom_settings":{{"a":{}}}}}"#, "9".repeat(100_000)),
        r#"{"custom_settings":{"a":1e400}}"#.to_owned(),
        format!(r#"{{"custom_settings":{{{many}"z":1}}}}"#),
        format!(
            r#"{{"custom_settings":{{"a":"{}"}}}}"#,
            "\\u0000".repeat(10_000)
        ),
        format!("{}{{}}", " ".repeat(200_000)),
        format!("{{{many}\"z\":1}}"),
    ];
    for bomb in bombs {
        let begin = Instant::now();
        let patch = app.patch(&mallory.preferences()).token(&mallory.token);
        let reply = patch.raw("application/json", bomb.clone()).await;
        assert!(
            begin.elapsed() < Duration::from_secs(3),
            "{:?}",
            begin.elapsed()
        );
        if reply.status != 200 {
            refused(&reply, &[400, 413, 422]);
        }
        assert!(
            bomb.len() < 140_000 || reply.status == 413,
            "{}",
            reply.status
        );
    }
    app.get("/health/live").await.is(200);
}

pub(crate) async fn a_bomb_of_pixels_is_defused(app: App) {
    let mallory = app.person("Mallory").await;
    // A picture of 60 000 pixels a side, which says so in its first bytes.
    let mut bomb = pictures::plain([1, 2, 3]);
    bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    for (media_type, file) in [
        ("image/png", bomb),
        ("image/svg+xml", svg.into()),
        ("image/png", svg.into()),
        (
            "image/png",
            b"\x89PNG\r\n\x1a\n<script>alert(1)</script>".to_vec(),
        ),
        ("image/png", vec![0; 6 * 1024 * 1024]),
    ] {
        let begin = Instant::now();
        let post = app
            .post(&format!("{}/avatar", mallory.path()))
            .token(&mallory.token);
        refused(&post.raw(media_type, file).await, &[413, 415, 422]);
        assert!(begin.elapsed() < Duration::from_secs(5));
    }
}

pub(crate) async fn a_pattern_is_no_regular_expression(app: App) {
    let token = app.person("Ana").await.token;
    for pattern in [
        "%25%25%25%25",
        "____",
        "(a%2B)%2B%24",
        "a%25%27%20OR%201%3D1--",
        "%5C%5C%5C",
        ".*.*.*.*x",
    ] {
        let begin = Instant::now();
        let reply = app
            .get(&format!("{USERS}/search?q={pattern}"))
            .token(&token)
            .await;
        assert!([200, 400].contains(&reply.status), "{}", reply.text());
        if reply.status == 200 {
            assert_eq!(reply.json()["items"], json!([]), "{pattern}");
        }
        assert!(begin.elapsed() < Duration::from_secs(2));
    }
}

// API5: broken function level authorisation

pub(crate) async fn what_administrators_do_is_for_them_alone(app: App) {
    let [ana, mallory] = two(&app).await;
    let other = json!({ "user_id": Uuid::new_v4(), "display_name": "Made" });
    refused(
        &app.post(USERS).token(&mallory.token).json(&other).await,
        &[403],
    );
    refused(
        &app.get("/api/v1/revocations").token(&mallory.token).await,
        &[403],
    );
    for member in ["is_verified", "is_active"] {
        for person in [&mallory, &ana] {
            let patch = app.patch(&person.path()).token(&mallory.token);
            refused(&patch.json(&json!({ member: true })).await, &[403, 422]);
        }
    }
    // Roles and scopes that only look like the right ones.
    for claims in [
        json!({ "roles": ["Admin", "administrator", "admin ", "xadmin", "user"] }),
        json!({ "scope": "admin users:ADMIN users:adminx users users:*" }),
        json!({ "role": "admin", "is_admin": true, "groups": ["admin"], "permissions": ["*"] }),
    ] {
        let mallory = app.bearing(&mallory, &claims);
        refused(&app.delete(&ana.path()).token(&mallory.token).await, &[403]);
    }
    app.get(&ana.path()).token(&ana.token).await.is(200);
}

pub(crate) async fn a_method_is_what_it_says(app: App) {
    let [ana, mallory] = two(&app).await;
    let before = kept(&app, &mallory).await;
    for (name, value) in [
        ("x-http-method-override", "DELETE"),
        ("x-http-method", "DELETE"),
        ("x-method-override", "PATCH"),
    ] {
        app.get(&mallory.path())
            .token(&mallory.token)
            .header(name, value)
            .await
            .is(200);
    }
    let get = app
        .get(&format!("{}?_method=DELETE", mallory.path()))
        .token(&mallory.token);
    assert!([200, 400].contains(&get.await.status));
    for method in ["PUT", "TRACE", "DELETEX", "get", "PROPFIND"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let reply = app.request(method, &ana.path()).token(&mallory.token).await;
        refused(&reply, &[400, 405]);
    }
    assert_eq!(kept(&app, &mallory).await, before);
}

pub(crate) async fn nothing_but_probes_and_documents_is_open(app: App) {
    let document = app.get("/openapi.json").await.is(200).json();
    let mut closed = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            if !path.starts_with("/api/") {
                continue;
            }
            let path = path
                .replace("{id}", "me")
                .replace("{session_id}", "current")
                .replace("/search", "/search?q=ana");
            let method: Method = method.to_uppercase().parse().unwrap();
            refused(&app.request(method, &path).await, &[401]);
            closed += 1;
        }
    }
    assert!(closed > 15, "{closed}");
}

// API6: unrestricted access to sensitive business flows

pub(crate) async fn consent_is_given_by_the_person_alone(app: App) {
    let [ana, mallory] = two(&app).await;
    let read = app.read(&ana.preferences(), &ana).await;
    assert_eq!(
        (&read["newsletter"], &read["marketing"]),
        (&json!(false), &json!(false))
    );
    let yes = json!({ "newsletter": true, "marketing": true });
    for token in [
        &mallory.token,
        &app.service("users:write preferences:read").token,
    ] {
        refused(
            &app.patch(&ana.preferences()).token(token).json(&yes).await,
            &[403],
        );
    }
    let made = json!({ "display_name": "Ben", "newsletter": true });
    refused(
        &app.post(USERS)
            .token(app.stranger().token)
            .json(&made)
            .await,
        &[422],
    );
    assert_eq!(app.read(&ana.preferences(), &ana).await, read);
}

// API7: server side request forgery

pub(crate) async fn no_address_that_people_write_is_called(app: App) {
    let trap = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", trap.local_addr().unwrap());
    let ana = app
        .person_with(json!({ "display_name": "Ana", "website": url }))
        .await;
    for body in [json!({ "avatar_url": url }), json!({ "picture": url })] {
        refused(
            &app.patch(&ana.path()).token(&ana.token).json(&body).await,
            &[403, 422],
        );
    }
    let avatar = format!("{}/avatar", ana.path());
    let given = format!("url={url}");
    let post = app.post(&avatar).token(&ana.token);
    refused(
        &post.raw("application/x-www-form-urlencoded", given).await,
        &[415],
    );
    let post = app
        .post(&avatar)
        .token(&ana.token)
        .json(&json!({ "url": url }));
    refused(&post.await, &[415]);
    // A picture that points elsewhere points nowhere.
    let svg = format!("<svg xmlns='http://www.w3.org/2000/svg'><image href='{url}'/></svg>");
    refused(
        &app.post(&avatar)
            .token(&ana.token)
            .raw("image/svg+xml", svg)
            .await,
        &[415],
    );
    app.get(&avatar).token(&ana.token).await.is(200);
    let libravatar = format!("/avatars/{}?d={url}", "0".repeat(64));
    refused(&app.get(&libravatar).await, &[404]);
    let called = tokio::time::timeout(Duration::from_millis(300), trap.accept()).await;
    assert!(called.is_err(), "somebody called");
}

pub(crate) async fn a_website_is_a_website(app: App) {
    let ana = app.person("Ana").await;
    for url in [
        "javascript:alert(1)",
        "JaVaScRiPt://%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "https://user:password@evil.example/",
        "https://",
        "//evil.example",
        "https://evil.example/\r\nSet-Cookie: a=b",
    ] {
        let patch = app.patch(&ana.path()).token(&ana.token);
        patch
            .json(&json!({ "website": url }))
            .await
            .faults(&["/website"]);
    }
}

// API8: security misconfiguration

pub(crate) async fn nothing_else_is_served(app: App) {
    let token = app.admin().token;
    for path in [
        "/.env",
        "/.git/config",
        "/.dev/token",
        "/user-service.db",
        "/admin",
        "/actuator/env",
        "/debug/pprof",
        "/server-status",
        "/console",
        "/graphql",
        "/swagger-ui.html",
        "/api/v0/users",
        "/api/v2/users",
        "/api",
        "/docs/..%2f..%2fetc%2fpasswd",
        "/docs/../Cargo.toml",
        "/problems/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/api/v1/users/me/../../../../etc/passwd",
        "/metrics/../.env",
    ] {
        refused(&app.get(path).token(&token).await, &[404]);
    }
}

pub(crate) async fn an_error_tells_nothing_of_what_is_within(app: App) {
    let ana = app.person("Ana").await;
    let hostile =
        "%27%22%3B--%20%2F*%00%0a%0d%F0%9F%92%A9%25s%25n%7B%7B7*7%7D%7D%24%7Bjndi:ldap://x%7D";
    let text = "'\";-- /*\n%s{{7*7}}${jndi:ldap://x}";
    let mut replies = vec![
        app.get(&format!("{USERS}/{hostile}"))
            .token(&ana.token)
            .await,
        app.get(&format!("{USERS}/search?q={hostile}&limit={hostile}"))
            .token(&ana.token)
            .await,
        app.get(&format!("{USERS}?cursor={hostile}&sort={hostile}"))
            .token(&ana.token)
            .await,
        app.get(&format!("{USERS}?created_after={hostile}&ids={hostile}"))
            .token(&ana.token)
            .await,
        app.get(&ana.path()).token(text.replace('\n', "")).await,
        app.get(&ana.path())
            .token(&ana.token)
            .header("if-none-match", "x'; DROP TABLE user_profiles")
            .await,
        app.get(&ana.path())
            .token(&ana.token)
            .header("accept", "x'/*")
            .await,
        app.post(USERS)
            .token(&ana.token)
            .header("idempotency-key", "'ü")
            .json(&json!({}))
            .await,
        app.delete(&format!("{}/{hostile}", ana.sessions()))
            .token(&ana.token)
            .await,
    ];
    for name in ["display_name", "website", "phone_number", "location", "bio"] {
        let body = json!({ name: format!("{text}\u{0}") });
        replies.push(app.patch(&ana.path()).token(&ana.token).json(&body).await);
        replies.push(
            app.patch(&ana.path())
                .token(&ana.token)
                .json(&json!({ name: { "$ne": 1 } }))
                .await,
        );
    }
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        refused(reply, &[400, 401, 404, 406, 412, 422]);
        let told = reply.text().to_ascii_lowercase();
        for word in [
            "select ",
            "insert ",
            "sqlite",
            "sqlx",
            "sea-orm",
            "sea_orm",
            "serde",
            "panicked",
            "src/",
            ".rs",
            "stack",
            "user_profiles",
            "constraint",
            "actix",
            "line 1",
            "column",
            "/root",
            "/tmp",
            "secret",
        ] {
            assert!(!told.contains(word), "{word}: {told}");
        }
    }
    app.get(&ana.path()).token(&ana.token).await.is(200);
}

pub(crate) async fn who_exists_is_told_to_nobody_unknown(app: App) {
    let ana = app.person("Ana").await;
    let nobody = Uuid::new_v4().to_string();
    let told = async |path: &str| {
        let reply = app.get(path).await;
        let mut body = reply.problem(401);
        for member in ["instance", "request_id"] {
            body[member] = Value::Null;
        }
        (body, reply.header("www-authenticate"))
    };
    for below in ["", "/preferences", "/sessions", "/avatar"] {
        let there = told(&format!("{USERS}/{}{below}", ana.id)).await;
        let absent = told(&format!("{USERS}/{nobody}{below}")).await;
        assert_eq!(there, absent, "{below}");
    }
    // Who is inactive and who never was look the same to strangers.
    let hidden = app.inactive("Hidden").await;
    let stranger = app.stranger().token;
    for id in [&hidden.id, &nobody] {
        let reply = app.get(&format!("{USERS}/{id}")).token(&stranger).await;
        reply.coded(404, "profile-not-found");
    }
}

pub(crate) async fn a_line_of_the_log_cannot_be_forged(app: App) {
    let ana = app.person("Ana").await;
    let forged = r#"{"level":"ERROR","message":"forged"}"#;
    for name in [
        "x-request-id",
        "user-agent",
        "traceparent",
        "x-forwarded-for",
    ] {
        app.get(&format!("{USERS}/me?x=%0a{{\"level\":\"ERROR\"}}"))
            .token(&ana.token)
            .header(name, &format!("\u{9}{forged}\u{9}"))
            .await;
    }
    app.get(&format!("/%0a%0d%1b[31m{}", forged.replace('"', "%22")))
        .await
        .problem(404);
    for line in app.logs().lines() {
        let parsed: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_ne!(parsed["message"], "forged", "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
}
