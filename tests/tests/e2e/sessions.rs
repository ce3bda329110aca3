//! Starting and listing sessions.

use std::fmt::Write as _;
use std::slice;

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::client::{Request, has_exactly};
use crate::harness::App;
use crate::people::{Person, USERS};

/// What is seen of a session.
const SESSION: [&str; 15] = [
    "id",
    "profile_id",
    "device_type",
    "device_name",
    "os",
    "ip_address",
    "user_agent",
    "is_active",
    "is_current",
    "created_at",
    "last_activity_at",
    "expires_at",
    "ended_at",
    "ended_reason",
    "logout_at",
];

pub(crate) const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 \
    (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
const IPAD: &str = "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 \
    (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";

/// Starts the session of this token.
pub(crate) fn start(app: &App, person: &Person) -> Request {
    app.post(&person.sessions())
        .token(&person.token)
        .json(&json!({}))
}

/// The sessions of a person as somebody sees them.
pub(crate) async fn listed(app: &App, person: &Person, caller: &Person, state: &str) -> Vec<Value> {
    let path = format!("{}?state={state}", person.sessions());
    let list = app.read(&path, caller).await;
    list.as_array().expect("an array").clone()
}

/// SHA-256 in hexadecimal.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
}

pub(crate) async fn a_person_starts_the_session_of_their_token(app: App) {
    let ana = app.person("Ana").await;
    let ana = app.signed_in(&ana, "laptop");
    let made = start(&app, &ana).header("user-agent", CHROME).await.is(201);
    let session = made.json();
    has_exactly(&session, &SESSION);
    let path = format!("{}/{}", ana.sessions(), session["id"].as_str().unwrap());
    assert_eq!(made.header("location"), path);
    for (member, value) in [
        ("profile_id", json!(ana.id)),
        ("device_type", json!("web")),
        ("ip_address", json!("127.0.0.1")),
        ("user_agent", json!(CHROME)),
        ("is_active", json!(true)),
        ("is_current", json!(true)),
        ("ended_at", json!(null)),
        ("ended_reason", json!(null)),
        ("logout_at", json!(null)),
    ] {
        assert_eq!(session[member], value, "{member}: {session}");
    }
    assert!(session["created_at"].as_str() < session["expires_at"].as_str());
    assert_eq!(
        listed(&app, &ana, &ana, "active").await,
        slice::from_ref(&session)
    );
    let body = json!({ "session_token": "laptop" });
    let again = app
        .post(&ana.sessions())
        .token(&ana.token)
        .header("user-agent", CHROME)
        .json(&body)
        .await
        .is(200);
    assert_eq!(again.json()["id"], session["id"]);
    assert_eq!(again.header("location"), path);
    assert_eq!(listed(&app, &ana, &ana, "all").await.len(), 1);
}

pub(crate) async fn me_stands_for_the_own_profile(app: App) {
    let ana = app.person("Ana").await;
    let ana = app.signed_in(&ana, "laptop");
    let path = format!("{USERS}/me/sessions");
    let made = app
        .post(&path)
        .token(&ana.token)
        .json(&json!({}))
        .await
        .is(201)
        .json();
    assert_eq!(made["profile_id"], ana.id.as_str());
    assert_eq!(app.read(&path, &ana).await[0]["id"], made["id"]);
}

pub(crate) async fn a_device_can_be_told(app: App) {
    let ana = app.person("Ana").await;
    let ana = app.signed_in(&ana, "laptop");
    let body = json!({ "device_type": "desktop", "device_name": " Anas Gerät ", "os": "Haiku" });
    let post = |body: &Value| app.post(&ana.sessions()).token(&ana.token).json(body);
    let made = post(&body)
        .header("user-agent", CHROME)
        .await
        .is(201)
        .json();
    assert_eq!(made["device_type"], "desktop");
    assert_eq!(made["device_name"], "Anas Gerät");
    assert_eq!(made["os"], "Haiku");
    let told = post(&json!({ "device_name": "Study" })).await.is(200);
    assert_eq!(told.json()["device_name"], "Study");
    let seen = &listed(&app, &ana, &ana, "active").await[0];
    assert_eq!(
        (&seen["device_name"], &seen["device_type"]),
        (&json!("Study"), &json!("desktop"))
    );
}

pub(crate) async fn devices_are_read_from_user_agents(app: App) {
    let ana = app.person("Ana").await;
    for (user_agent, kind, os) in [
        (CHROME, "web", "Windows"),
        (FIREFOX, "web", "Linux"),
        (IPHONE, "mobile", "iOS"),
        (ANDROID, "mobile", "Android"),
        (IPAD, "tablet", "iOS"),
    ] {
        let device = app.signed_in(&ana, &Uuid::new_v4().to_string());
        let made = start(&app, &device)
            .header("user-agent", user_agent)
            .await
            .is(201)
            .json();
        assert_eq!(made["device_type"], kind, "{made}");
        let seen = made["os"].as_str().unwrap_or_default();
        assert!(seen.starts_with(os), "{made}");
        assert!(made["device_name"].is_string(), "{made}");
    }
    for user_agent in ["x", "\u{202e}evil", &"Mozilla/5.0 ".repeat(400)] {
        let device = app.signed_in(&ana, &Uuid::new_v4().to_string());
        let made = start(&app, &device)
            .header("user-agent", user_agent)
            .await
            .is(201)
            .json();
        let kept = made["user_agent"].as_str().unwrap_or_default();
        assert!(kept.chars().count() <= 1024, "{made}");
        assert!(!kept.contains('\u{202e}'), "{made}");
    }
}

pub(crate) async fn administrators_and_services_start_any_session(app: App) {
    let ana = app.person("Ana").await;
    for (caller, token) in [
        (app.admin(), "phone"),
        (app.service("sessions:write"), "tablet"),
    ] {
        let body = json!({ "session_token": token, "ip_address": "2001:DB8::1", "user_agent": IPHONE,
            "device_name": "Anas phone" });
        let made = app
            .post(&ana.sessions())
            .token(&caller.token)
            .header("user-agent", CHROME)
            .json(&body)
            .await
            .is(201)
            .json();
        for (member, value) in [
            ("profile_id", json!(ana.id)),
            ("ip_address", json!("2001:db8::1")),
            ("user_agent", json!(IPHONE)),
            ("device_type", json!("mobile")),
            ("device_name", json!("Anas phone")),
            ("is_current", json!(false)),
        ] {
            assert_eq!(made[member], value, "{member}: {made}");
        }
        let own = app.signed_in(&ana, token);
        let seen = listed(&app, &ana, &own, "active").await;
        let current: Vec<_> = seen.iter().filter(|s| s["is_current"] == true).collect();
        assert_eq!(current.len(), 1, "{seen:?}");
        assert_eq!(current[0]["id"], made["id"]);
    }
    assert_eq!(listed(&app, &ana, &app.admin(), "all").await.len(), 2);
}

pub(crate) async fn nobody_starts_the_session_of_another_token(app: App) {
    let ana = app.person("Ana").await;
    let laptop = app.signed_in(&ana, "laptop");
    let post = async |caller: &Person, body: Value| {
        app.post(&ana.sessions())
            .token(&caller.token)
            .json(&body)
            .await
    };
    let other = json!({ "session_token": "other" });
    for caller in [
        &laptop,
        &ana,
        &app.stranger(),
        &app.person("Ben").await,
        &app.service("sessions:read users:write"),
    ] {
        post(caller, other.clone()).await.problem(403);
    }
    let spoofed = json!({ "ip_address": "192.0.2.1" });
    post(&laptop, spoofed).await.problem(403);
    post(&laptop, json!({ "user_agent": IPHONE }))
        .await
        .problem(403);
    for caller in [&ana, &app.admin(), &app.service("sessions:write")] {
        post(caller, json!({})).await.faults(&["/session_token"]);
    }
    app.post(&format!("{USERS}/{}/sessions", Uuid::new_v4()))
        .token(app.admin().token)
        .json(&other)
        .await
        .coded(404, "profile-not-found");
    let seen = listed(&app, &ana, &app.admin(), "all").await;
    assert_eq!(seen, Vec::<Value>::new());
}

pub(crate) async fn every_fault_is_reported_at_once(app: App) {
    let ana = app.person("Ana").await;
    let admin = app.admin();
    let post = |body: &Value| app.post(&ana.sessions()).token(&admin.token).json(body);
    let body = json!({
        "session_token": "", "device_type": "watch", "device_name": "n".repeat(101), "os": "o".repeat(51),
        "ip_address": "300.0.0.1", "user_agent": "\u{202e}", "expires_at": "tomorrow", "is_active": true,
    });
    post(&body).await.faults(&[
        "/session_token",
        "/device_type",
        "/device_name",
        "/os",
        "/ip_address",
        "/user_agent",
        "/expires_at",
        "/is_active",
    ]);
    let gone = json!({ "session_token": "s", "expires_at": "2020-01-01T00:00:00Z" });
    post(&gone).await.faults(&["/expires_at"]);
    let long = json!({ "session_token": "s".repeat(256) });
    post(&long).await.faults(&["/session_token"]);
    for body in ["{", "[]", "\"s\""] {
        let reply = app
            .post(&ana.sessions())
            .token(&admin.token)
            .raw("application/json", body)
            .await;
        assert!([400, 422].contains(&reply.status), "{}", reply.text());
        reply.problem(reply.status);
    }
    let seen = listed(&app, &ana, &admin, "all").await;
    assert_eq!(seen, Vec::<Value>::new());
}

pub(crate) async fn a_repeated_start_gets_the_first_answer(app: App) {
    let ana = app.person("Ana").await;
    let ana = app.signed_in(&ana, "laptop");
    let post = |name: &str| {
        app.post(&ana.sessions())
            .token(&ana.token)
            .header("idempotency-key", "k")
            .json(&json!({ "device_name": name }))
    };
    let first = post("Study").await.is(201);
    let again = post("Study").await.is(201);
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("location"), again.header("location"));
    post("Kitchen").await.coded(422, "idempotency-key-reused");
    let seen = listed(&app, &ana, &ana, "all").await;
    assert_eq!((seen.len(), &seen[0]["device_name"]), (1, &json!("Study")));
}

pub(crate) async fn an_address_is_believed_of_trusted_proxies_alone(mut app: App) {
    let ana = app.person("Ana").await;
    let address = async |app: &App, headers: &[(&str, &str)]| {
        let device = app.signed_in(&ana, &Uuid::new_v4().to_string());
        let mut request = start(app, &device);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.await.is(201).json()["ip_address"].clone()
    };
    let listed = [("x-forwarded-for", "198.51.100.7, 203.0.113.9")];
    let forwarded = [("forwarded", "for=\"[2001:db8::7]:4711\";proto=https")];
    for headers in [&listed, &forwarded] {
        assert_eq!(address(&app, headers).await, "127.0.0.1");
    }
    app.restart_with("TRUSTED_PROXIES", "127.0.0.0/8").await;
    assert_eq!(address(&app, &listed).await, "203.0.113.9");
    assert_eq!(address(&app, &forwarded).await, "2001:db8::7");
    assert_eq!(address(&app, &[]).await, "127.0.0.1");
    // The two say different things: one of them is the client's own invention.
    assert_eq!(
        address(&app, &[listed, forwarded].concat()).await,
        "127.0.0.1"
    );
}

pub(crate) async fn the_newest_activity_comes_first(mut app: App) {
    let ana = app.person("Ana").await;
    for session in ["a", "b", "c"] {
        start(&app, &app.signed_in(&ana, session)).await.is(201);
    }
    let order = async |app: &App, caller: &Person| -> Vec<(Value, Value)> {
        let seen = listed(app, &ana, caller, "active").await;
        seen.iter()
            .map(|session| (session["id"].clone(), session["is_current"].clone()))
            .collect()
    };
    let [a, b, c] = ["a", "b", "c"].map(|session| app.signed_in(&ana, session));
    let seen = order(&app, &app.admin()).await;
    let [newest, middle, oldest] = [0, 1, 2].map(|n: usize| seen[n].0.clone());
    for (caller, current) in [(&c, &newest), (&b, &middle), (&a, &oldest)] {
        for (id, is_current) in order(&app, caller).await {
            assert_eq!(is_current, json!(id == *current));
        }
    }
    // Activity is written down when the service stops, at the latest.
    start(&app, &a).await.is(200);
    app.stop_gracefully().await;
    app.restart().await;
    assert_eq!(order(&app, &app.admin()).await[0].0, oldest);
}

pub(crate) async fn a_list_is_filtered_by_state(app: App) {
    let ana = app.person("Ana").await;
    let admin = app.admin();
    let [a, b] = ["a", "b"].map(|session| app.signed_in(&ana, session));
    start(&app, &a).await.is(201);
    start(&app, &b).await.is(201);
    app.delete(&format!("{}/current", ana.sessions()))
        .token(&b.token)
        .await
        .is(204);
    for (state, count) in [("active", 1), ("ended", 1), ("all", 2)] {
        assert_eq!(
            listed(&app, &ana, &admin, state).await.len(),
            count,
            "{state}"
        );
    }
    let plain = app.read(&ana.sessions(), &a).await;
    assert_eq!(plain, json!(listed(&app, &ana, &a, "active").await));
    for (query, names) in [
        ("state=over", &["state"][..]),
        ("state=", &["state"]),
        ("state=all&state=all", &["state"]),
        ("stat=all&limit=3", &["stat", "limit"]),
    ] {
        app.get(&format!("{}?{query}", ana.sessions()))
            .token(&admin.token)
            .await
            .bad_parameters(names);
    }
}

pub(crate) async fn who_may_list_sees_the_list(app: App) {
    let ana = app.person("Ana").await;
    let own = app.signed_in(&ana, "laptop");
    start(&app, &own).await.is(201);
    for caller in [&own, &ana, &app.admin(), &app.service("sessions:read")] {
        let seen = listed(&app, &ana, caller, "active").await;
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0]["is_current"], caller.token == own.token);
    }
    for caller in [app.stranger(), app.service("users:read sessions:write")] {
        let reply = app.get(&ana.sessions()).token(&caller.token).await;
        reply.problem(403);
    }
    // The session of another person is not the current one, whatever it is called.
    let ben = app.person("Ben").await;
    let admin = app.bearing(&ben, &json!({ "sid": "laptop", "roles": ["admin"] }));
    let seen = listed(&app, &ana, &admin, "active").await;
    assert_eq!(seen[0]["is_current"], false);
}

pub(crate) async fn no_token_or_digest_is_ever_shown(app: App) {
    let ana = app.person("Ana").await;
    let sid = format!("sid-{}", Uuid::new_v4().simple());
    let own = app.signed_in(&ana, &sid);
    let other = format!("sid-{}", Uuid::new_v4().simple());
    let admin = app.admin();
    let me = format!("{USERS}/me");
    let one = format!("{}/current", ana.sessions());
    let told = json!({ "session_token": other });
    let bad = json!({ "session_token": other, "device_type": other });
    let replies = [
        start(&app, &own).await.is(201),
        start(&app, &own).await.is(200),
        app.post(&ana.sessions())
            .token(&admin.token)
            .json(&told)
            .await
            .is(201),
        app.post(&ana.sessions())
            .token(&admin.token)
            .json(&bad)
            .await
            .is(422),
        app.post(&ana.sessions())
            .token(&own.token)
            .json(&told)
            .await
            .is(403),
        app.get(&format!("{}?state=all", ana.sessions()))
            .token(&own.token)
            .await
            .is(200),
        app.get(&me).token(&own.token).await.is(200),
        app.get(&format!("{}/{sid}", ana.sessions()))
            .token(&own.token)
            .await
            .is(405),
        app.delete(&format!("{}/nothing", ana.sessions()))
            .token(&own.token)
            .await
            .is(404),
        app.request(Method::DELETE, &one)
            .token(&own.token)
            .await
            .is(204),
        app.get(&me).token(&own.token).await.is(401),
        app.get(&format!("{}?state=all", ana.sessions()))
            .token(&admin.token)
            .await
            .is(200),
    ];
    for reply in &replies {
        let text = reply.text();
        for secret in [
            digest(&sid),
            digest(&other),
            other.clone(),
            own.token.clone(),
        ] {
            assert!(!text.contains(&secret), "{text}");
        }
        // But for a path that a caller made of it, which a problem names.
        assert!(!text.contains(&sid) || reply.status == 405, "{text}");
    }
    let logs = app.logs();
    for secret in [sid, other, own.token] {
        assert!(!logs.contains(&secret) && !logs.contains(&digest(&secret)));
    }
}
