//! The feed of revocations.

use serde_json::{Value, json};

use crate::client::has_exactly;
use crate::harness::App;
use crate::people::Person;
use crate::sessions::{digest, start};

const FEED: &str = "/api/v1/revocations";

/// A part of the feed, and where it goes on.
async fn page(app: &App, reader: &Person, query: &str) -> (Vec<Value>, String) {
    let page = app.read(&format!("{FEED}?{query}"), reader).await;
    has_exactly(&page, &["items", "next_cursor"]);
    let next = page["next_cursor"].as_str().expect("a cursor").to_owned();
    (page["items"].as_array().unwrap().clone(), next)
}

pub(crate) async fn the_feed_tells_of_every_revocation(app: App) {
    let (ana, ben) = (app.person("Ana").await, app.person("Ben").await);
    let reader = app.service("sessions:read");
    let (_, begin) = page(&app, &reader, "").await;
    let laptop = app.signed_in(&ana, "laptop");
    let session = start(&app, &laptop).await.is(201).json();
    app.delete(&format!("{}/current", ana.sessions()))
        .token(&laptop.token)
        .await
        .is(204);
    app.set_active(&ana, false).await;
    app.set_active(&ana, true).await;
    app.delete(&ana.path()).token(&ana.token).await.is(204);
    app.set_active(&ben, false).await;

    let (items, _) = page(&app, &reader, &format!("since={begin}")).await;
    let told: Vec<_> = items
        .iter()
        .map(|item| (item["kind"].clone(), item["user_id"].clone()))
        .collect();
    let expected = [
        ("session", &ana),
        ("account_deactivated", &ana),
        ("account_reactivated", &ana),
        ("account_removed", &ana),
        ("account_deactivated", &ben),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(kind, person)| (json!(kind), json!(person.sub)))
        .collect();
    assert_eq!(told, expected);
    for (n, item) in items.iter().enumerate() {
        let mut members = vec!["kind", "user_id", "revoked_at"];
        if n == 0 {
            members.extend(["session_id", "session_token_sha256", "reason", "expires_at"]);
            assert_eq!(item["session_id"], session["id"]);
            assert_eq!(item["session_token_sha256"], digest("laptop"));
            assert_eq!(item["reason"], "logout");
            assert_eq!(item["expires_at"], session["expires_at"]);
        }
        has_exactly(item, &members);
    }

    // Step by step everything comes, in its order.
    let (mut walked, mut since) = (Vec::new(), begin);
    while walked.len() < items.len() {
        let (items, next) = page(&app, &reader, &format!("limit=2&since={since}")).await;
        assert!((1..=2).contains(&items.len()), "{items:?}");
        walked.extend(items);
        since = next;
    }
    assert_eq!(walked, items);
    let (rest, next) = page(&app, &reader, &format!("since={since}")).await;
    assert!(rest.is_empty(), "{rest:?}");
    app.set_active(&ben, true).await;
    for since in [since, next] {
        let (news, _) = page(&app, &app.admin(), &format!("since={since}")).await;
        assert_eq!(news.len(), 1, "{news:?}");
        assert_eq!(news[0]["kind"], "account_reactivated");
    }
    let (all, _) = page(&app, &reader, "").await;
    assert_eq!(all.len(), 6);
}

pub(crate) async fn evictions_are_told(mut app: App) {
    app.restart_with("MAX_ACTIVE_SESSIONS", "1").await;
    let ana = app.person("Ana").await;
    for session in ["a", "b", "c"] {
        start(&app, &app.signed_in(&ana, session)).await.is(201);
    }
    let (items, _) = page(&app, &app.admin(), "").await;
    let told: Vec<_> = items
        .iter()
        .map(|item| (item["session_token_sha256"].clone(), item["reason"].clone()))
        .collect();
    let evicted = |session| (json!(digest(session)), json!("evicted"));
    assert_eq!(told, [evicted("a"), evicted("b")]);
}

pub(crate) async fn the_feed_is_for_services_and_administrators(app: App) {
    app.get(FEED).await.refused("missing-token");
    for caller in [
        app.stranger(),
        app.person("Ana").await,
        app.service("sessions:write users:read"),
    ] {
        // Who may not read it does not learn its rules.
        for query in ["", "?limit=0", "?since=x"] {
            let reply = app
                .get(&format!("{FEED}{query}"))
                .token(&caller.token)
                .await;
            reply.problem(403);
            let challenge = reply.header("www-authenticate");
            assert!(challenge.contains("insufficient_scope"), "{challenge}");
        }
    }
    for caller in [app.admin(), app.service("openid sessions:read")] {
        app.get(FEED).token(&caller.token).await.is(200);
    }
}

pub(crate) async fn a_forged_cursor_is_refused(app: App) {
    let admin = app.admin();
    let (_, cursor) = page(&app, &admin, "").await;
    let middle = cursor.len() / 2;
    let other = if cursor[middle..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    let forged = format!("{}{other}{}", &cursor[..middle], &cursor[middle + 1..]);
    let of_a_list = {
        for name in ["Ana", "Ben"] {
            app.person(name).await;
        }
        let page = app.read("/api/v1/users?limit=1", &admin).await;
        page["next_cursor"].as_str().unwrap().to_owned()
    };
    for since in ["x", "", "AAAA", &forged, &cursor[1..], &of_a_list] {
        let reply = app
            .get(&format!("{FEED}?since={since}"))
            .token(&admin.token)
            .await;
        reply.bad_parameters(&["since"]);
        reply.coded(400, "invalid-cursor");
    }
    for (query, names) in [
        ("limit=0", &["limit"][..]),
        ("limit=101", &["limit"]),
        ("limit=x&cursor=y", &["limit", "cursor"]),
    ] {
        app.get(&format!("{FEED}?{query}"))
            .token(&admin.token)
            .await
            .bad_parameters(names);
    }
    // A cursor of the feed is none of a list.
    app.get(&format!("/api/v1/users?cursor={cursor}"))
        .token(&admin.token)
        .await
        .bad_parameters(&["cursor"]);
}
