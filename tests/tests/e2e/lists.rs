//! Pages of profiles.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::has_exactly;
use crate::harness::App;
use crate::people::{Person, USERS};

async fn people(app: &App, count: usize) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for number in 0..count {
        ids.insert(app.person(&format!("Person {number:02}")).await.id);
    }
    ids
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Follows `Link` to its end; the ids in the order in which they came.
async fn followed(app: &App, caller: &Person, first: String) -> Vec<String> {
    let (mut seen, mut next) = (Vec::new(), Some(first));
    while let Some(path) = next {
        let reply = app.get(&path).token(&caller.token).await.is(200);
        seen.extend(ids(&reply.json()));
        assert!(seen.len() < 1000, "the pages do not end");
        next = reply.next_link();
    }
    seen
}

#[track_caller]
fn each_once(seen: &[String], all: &BTreeSet<String>) {
    assert_eq!(seen.len(), all.len(), "{seen:?}");
    assert_eq!(&seen.iter().cloned().collect::<BTreeSet<_>>(), all);
}

pub(crate) async fn an_offset_page_says_where_it_is(app: App) {
    people(&app, 5).await;
    let admin = app.admin();
    let page = app.read(&format!("{USERS}?limit=2&skip=2"), &admin).await;
    has_exactly(
        &page,
        &["items", "total", "skip", "limit", "pages", "next_cursor"],
    );
    assert_eq!(ids(&page).len(), 2);
    for (name, value) in [("total", 5), ("skip", 2), ("limit", 2), ("pages", 3)] {
        assert_eq!(page[name], value, "{page}");
    }
    assert!(page["next_cursor"].is_string(), "{page}");
    let last = app
        .get(&format!("{USERS}?limit=2&skip=4"))
        .token(&admin.token)
        .await
        .is(200);
    assert!(last.json()["next_cursor"].is_null() && last.next_link().is_none());
    let page = app.read(USERS, &admin).await;
    assert_eq!((&page["limit"], &page["skip"]), (&json!(20), &json!(0)));
    assert_eq!(
        app.read(&format!("{USERS}?skip=10000"), &admin).await["items"],
        json!([])
    );
}

pub(crate) async fn a_cursor_page_says_what_follows(app: App) {
    people(&app, 5).await;
    let admin = app.admin();
    let first = app.read(&format!("{USERS}?limit=2"), &admin).await;
    let path = format!(
        "{USERS}?limit=2&cursor={}",
        first["next_cursor"].as_str().unwrap()
    );
    let page = app.read(&path, &admin).await;
    has_exactly(&page, &["items", "limit", "next_cursor"]);
    assert_eq!((ids(&page).len(), &page["limit"]), (2, &json!(2)));
    let skipped = app.read(&format!("{USERS}?limit=2&skip=2"), &admin).await;
    assert_eq!(ids(&page), ids(&skipped));
}

pub(crate) async fn a_walk_by_offset_visits_each_once(app: App) {
    let all = people(&app, 11).await;
    let admin = app.admin();
    let mut seen = Vec::new();
    for skip in [0, 4, 8] {
        seen.extend(ids(&app
            .read(&format!("{USERS}?limit=4&skip={skip}"), &admin)
            .await));
    }
    each_once(&seen, &all);
    let linked = followed(&app, &admin, format!("{USERS}?limit=4&skip=0")).await;
    assert_eq!(linked, seen);
}

pub(crate) async fn a_walk_by_cursor_visits_each_once(app: App) {
    let all = people(&app, 11).await;
    let admin = app.admin();
    for sort in [
        "",
        "&sort=created_at",
        "&sort=-created_at",
        "&sort=display_name",
        "&sort=-display_name",
    ] {
        let page = app.read(&format!("{USERS}?limit=4{sort}"), &admin).await;
        let mut seen = ids(&page);
        let cursor = page["next_cursor"].as_str().unwrap();
        let next = format!("{USERS}?limit=4{sort}&cursor={cursor}");
        seen.extend(followed(&app, &admin, next).await);
        each_once(&seen, &all);
    }
}

pub(crate) async fn a_walk_by_cursor_is_not_disturbed_by_changes(app: App) {
    let all = people(&app, 6).await;
    let admin = app.admin();
    let page = app.read(&format!("{USERS}?limit=3"), &admin).await;
    let mut seen = ids(&page);
    app.person("Newest").await;
    app.delete(&format!("{USERS}/{}", seen[2]))
        .token(&admin.token)
        .await
        .is(204);
    let cursor = page["next_cursor"].as_str().unwrap();
    seen.extend(followed(&app, &admin, format!("{USERS}?limit=3&cursor={cursor}")).await);
    each_once(&seen, &all);
}

pub(crate) async fn the_link_keeps_the_filters(app: App) {
    let all = people(&app, 5).await;
    app.inactive("Hidden").await;
    let first = format!("{USERS}?limit=2&is_active=true&sort=display_name");
    each_once(&followed(&app, &app.admin(), first).await, &all);
}

pub(crate) async fn far_pages_are_for_cursors(app: App) {
    let reply = app
        .get(&format!("{USERS}?skip=10001"))
        .token(app.admin().token)
        .await;
    reply.bad_parameters(&["skip"]);
    assert!(reply.text().contains("cursor"), "{}", reply.text());
}

pub(crate) async fn paging_out_of_range_is_refused(app: App) {
    let token = app.admin().token;
    for (query, names) in [
        ("limit=0", &["limit"][..]),
        ("limit=101", &["limit"]),
        ("limit=abc", &["limit"]),
        ("limit=-1", &["limit"]),
        ("skip=-1", &["skip"]),
        ("skip=x&limit=0", &["limit", "skip"]),
    ] {
        for path in [
            format!("{USERS}?{query}"),
            format!("{USERS}/search?q=a&{query}"),
        ] {
            app.get(&path).token(&token).await.bad_parameters(names);
        }
    }
    app.get(&format!("{USERS}?limit=100"))
        .token(&token)
        .await
        .is(200);
}

pub(crate) async fn a_forged_cursor_is_refused(app: App) {
    people(&app, 3).await;
    let token = app.admin().token;
    let page = app
        .get(&format!("{USERS}?limit=1"))
        .token(&token)
        .await
        .json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for at in [0, cursor.len() / 2, cursor.len() - 2] {
        let other = if &cursor[at..=at] == "A" { "B" } else { "A" };
        let forged = format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]);
        let path = format!("{USERS}?limit=1&cursor={forged}");
        app.get(&path).token(&token).await.problem(400);
    }
    for cursor in ["", "x", "%00", &cursor[1..]] {
        let path = format!("{USERS}?cursor={cursor}");
        app.get(&path).token(&token).await.problem(400);
    }
}

pub(crate) async fn a_cursor_is_of_one_sort(app: App) {
    people(&app, 3).await;
    let token = app.admin().token;
    let page = app
        .get(&format!("{USERS}?limit=1"))
        .token(&token)
        .await
        .json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for sort in ["display_name", "created_at"] {
        let path = format!("{USERS}?limit=1&sort={sort}&cursor={cursor}");
        app.get(&path).token(&token).await.problem(400);
    }
}

pub(crate) async fn skip_and_cursor_exclude_each_other(app: App) {
    people(&app, 3).await;
    let token = app.admin().token;
    let page = app
        .get(&format!("{USERS}?limit=1"))
        .token(&token)
        .await
        .json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let path = format!("{USERS}?limit=1&skip=1&cursor={cursor}");
    app.get(&path).token(&token).await.problem(400);
}
