//! Which profiles a list holds, and in which order.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::App;
use crate::people::USERS;

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["display_name"].as_str().unwrap().to_owned())
        .collect()
}

async fn listed(app: &App, query: &str) -> Vec<String> {
    names(&app.read(&format!("{USERS}?{query}"), &app.admin()).await)
}

pub(crate) async fn a_list_is_filtered_by_standing(app: App) {
    app.person("Ana").await;
    app.inactive("Ben").await;
    let cat = app.person("Cat").await;
    let body = json!({ "is_verified": true });
    app.patch(&cat.path())
        .token(app.admin().token)
        .json(&body)
        .await
        .is(200);
    assert_eq!(
        listed(&app, "is_active=true&sort=display_name").await,
        ["Ana", "Cat"]
    );
    assert_eq!(listed(&app, "is_active=false").await, ["Ben"]);
    assert_eq!(listed(&app, "is_verified=true").await, ["Cat"]);
    assert_eq!(
        listed(&app, "is_verified=false&is_active=true").await,
        ["Ana"]
    );
}

pub(crate) async fn a_list_is_filtered_by_person(app: App) {
    let ana = app.person("Ana").await;
    app.person("Ben").await;
    assert_eq!(listed(&app, &format!("user_id={}", ana.sub)).await, ["Ana"]);
    assert!(
        listed(&app, &format!("user_id={}", Uuid::new_v4()))
            .await
            .is_empty()
    );
}

pub(crate) async fn many_are_read_at_once_by_ids(app: App) {
    let (ana, ben) = (app.person("Ana").await, app.person("Ben").await);
    app.person("Cat").await;
    let query = format!("ids={},{},{},{}", ana.id, Uuid::new_v4(), ben.id, ana.id);
    assert_eq!(
        listed(&app, &format!("{query}&sort=display_name")).await,
        ["Ana", "Ben"]
    );
    let token = app.admin().token;
    let hundred = vec![ana.id.clone(); 99].join(",");
    app.get(&format!("{USERS}?ids={hundred},{}", ben.id))
        .token(&token)
        .await
        .is(200);
    let many: Vec<_> = (0..101).map(|_| Uuid::new_v4().to_string()).collect();
    for ids in [many.join(","), "x".to_owned()] {
        app.get(&format!("{USERS}?ids={ids}"))
            .token(&token)
            .await
            .bad_parameters(&["ids"]);
    }
}

pub(crate) async fn a_list_is_filtered_by_time(app: App) {
    app.person("Ana").await;
    let ben = app.person("Ben").await;
    app.person("Cat").await;
    let made = app.read(&ben.path(), &ben).await["created_at"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        listed(&app, &format!("created_after={made}")).await,
        ["Cat"]
    );
    assert_eq!(
        listed(&app, &format!("created_before={made}")).await,
        ["Ana"]
    );
    let offset = "2000-01-01T02:00:00%2B02:00";
    assert_eq!(
        listed(&app, &format!("created_after={offset}")).await.len(),
        3
    );
}

pub(crate) async fn a_list_is_sorted(app: App) {
    for name in ["bob", "Ärger", "Zoe", "anna", "Carl"] {
        app.person(name).await;
    }
    let mut names = ["anna", "Ärger", "bob", "Carl", "Zoe"];
    assert_eq!(listed(&app, "sort=display_name").await, names);
    names.reverse();
    assert_eq!(listed(&app, "sort=-display_name").await, names);
    let mut made = ["bob", "Ärger", "Zoe", "anna", "Carl"];
    assert_eq!(listed(&app, "sort=created_at").await, made);
    made.reverse();
    assert_eq!(listed(&app, "sort=-created_at").await, made);
    assert_eq!(listed(&app, "").await, made, "newest first unless asked");
}

pub(crate) async fn malformed_filters_are_all_named(app: App) {
    let query = "is_active=maybe&is_verified=2&user_id=x&created_after=yesterday&created_before=0&sort=phone_number";
    let reply = app
        .get(&format!("{USERS}?{query}"))
        .token(app.admin().token)
        .await;
    let names = [
        "is_active",
        "is_verified",
        "user_id",
        "created_after",
        "created_before",
        "sort",
    ];
    reply.bad_parameters(&names);
}

pub(crate) async fn a_stranger_cannot_list_the_inactive(app: App) {
    app.inactive("Ana").await;
    let reply = app
        .get(&format!("{USERS}?is_active=false"))
        .token(app.stranger().token)
        .await;
    assert!(
        reply.status == 403 || reply.json()["total"] == 0,
        "{}",
        reply.text()
    );
}

async fn found(app: &App, q: &str) -> Vec<String> {
    let page = app
        .read(&format!("{USERS}/search?q={q}"), &app.admin())
        .await;
    names(&page)
}

pub(crate) async fn search_does_not_mind_case_and_marks(app: App) {
    for name in ["Søren Kierkegaard", "Ángela", "ΑΘΗΝΑ", "王伟"] {
        app.person(name).await;
    }
    for (q, name) in [
        ("SOREN", "Søren Kierkegaard"),
        ("s%C3%B8ren", "Søren Kierkegaard"),
        ("kierke", "Søren Kierkegaard"),
        ("angela", "Ángela"),
        ("%C3%81NGEL", "Ángela"),
        ("%CE%B1%CE%B8%CE%AE%CE%BD%CE%B1", "ΑΘΗΝΑ"),
        ("%E7%8E%8B", "王伟"),
    ] {
        assert_eq!(found(&app, q).await, [name], "{q}");
    }
    assert!(found(&app, "nobody").await.is_empty());
}

pub(crate) async fn search_answers_a_page_with_the_query(app: App) {
    app.person("Ana").await;
    let page = app
        .read(&format!("{USERS}/search?q=%20AnA"), &app.stranger())
        .await;
    let members = ["items", "skip", "limit", "next_cursor", "query"];
    crate::client::has_exactly(&page, &members);
    assert_eq!(page["query"].as_str().unwrap().trim(), "AnA");
    assert_eq!(names(&page), ["Ana"]);
    for count in ["exact", "estimated"] {
        let path = format!("{USERS}/search?q=ana&count={count}");
        let page = app.read(&path, &app.stranger()).await;
        let counted = members.iter().copied();
        let counted: Vec<_> = counted.chain(["total", "total_is", "pages"]).collect();
        crate::client::has_exactly(&page, &counted);
        assert_eq!(page["total"], 1);
        assert_eq!(page["total_is"], "exact");
        assert_eq!(page["pages"], 1);
    }
}

pub(crate) async fn search_puts_the_best_first(app: App) {
    for name in [
        "Ben Sylva",
        "Joana Vasilva",
        "Ana Silva",
        "Silva Bo",
        "Silva",
    ] {
        app.person(name).await;
    }
    let ranked = [
        "Silva",
        "Silva Bo",
        "Ana Silva",
        "Joana Vasilva",
        "Ben Sylva",
    ];
    assert_eq!(found(&app, "silva").await, ranked);
    assert_eq!(
        found(&app, "silva%20an").await,
        ["Ana Silva", "Joana Vasilva"]
    );
    assert_eq!(found(&app, "joana%20vasivla").await, ["Joana Vasilva"]);
}

pub(crate) async fn search_is_paged_and_filtered(app: App) {
    for n in 0..7 {
        app.person(&format!("Ana {n}")).await;
    }
    app.inactive("Ana X").await;
    let admin = app.admin();
    let mut seen = Vec::new();
    let mut path = format!("{USERS}/search?q=ana&limit=2&is_active=true");
    loop {
        let page = app.read(&path, &admin).await;
        seen.extend(names(&page));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("{USERS}/search?q=ana&limit=2&is_active=true&cursor={cursor}");
        let other = format!("{USERS}/search?q=anb&limit=2&is_active=true&cursor={cursor}");
        app.get(&other).token(&admin.token).await.problem(400);
        let list = format!("{USERS}?is_active=true&cursor={cursor}");
        app.get(&list).token(&admin.token).await.problem(400);
    }
    let everybody: Vec<_> = (0..7).map(|n| format!("Ana {n}")).collect();
    assert_eq!(seen, everybody);
    let skipped = app
        .read(
            &format!("{USERS}/search?q=ana&skip=5&is_active=true"),
            &admin,
        )
        .await;
    assert_eq!(names(&skipped), everybody[5..]);
    for (query, name) in [("sort=display_name", "sort"), ("count=yes", "count")] {
        let path = format!("{USERS}/search?q=ana&{query}");
        app.get(&path)
            .token(&admin.token)
            .await
            .bad_parameters(&[name]);
    }
}

pub(crate) async fn search_takes_wildcards_literally(app: App) {
    for name in ["100% Ana", "a_b", "axb", r"c\d"] {
        app.person(name).await;
    }
    assert_eq!(found(&app, "%25").await, ["100% Ana"]);
    assert_eq!(found(&app, "a_b").await, ["a_b"]);
    assert_eq!(found(&app, "%5C").await, [r"c\d"]);
    assert!(found(&app, "%27").await.is_empty());
}

pub(crate) async fn search_needs_a_query(app: App) {
    let token = app.admin().token;
    let long = "x".repeat(101);
    for query in ["", "?q=", "?q=%20%20", &format!("?q={long}")] {
        let path = format!("{USERS}/search{query}");
        app.get(&path).token(&token).await.bad_parameters(&["q"]);
    }
}
