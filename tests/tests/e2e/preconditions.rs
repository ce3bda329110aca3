//! Entity tags and conditional requests (RFC 9110, section 13).

use serde_json::json;

use crate::harness::App;

pub(crate) async fn a_tag_changes_with_every_change(app: App) {
    let ana = app.person("Ana").await;
    for (path, bodies) in [
        (
            ana.path(),
            [
                json!({ "bio": "1" }),
                json!({ "bio": "2" }),
                json!({ "bio": null }),
            ],
        ),
        (
            ana.preferences(),
            [
                json!({ "theme": "dark" }),
                json!({ "custom_settings": { "a": 1 } }),
                json!({ "theme": "auto" }),
            ],
        ),
    ] {
        let mut tags = vec![app.get(&path).token(&ana.token).await.is(200).etag()];
        for body in bodies {
            let changed = app
                .patch(&path)
                .token(&ana.token)
                .json(&body)
                .await
                .is(200)
                .etag();
            let read = app.get(&path).token(&ana.token).await.is(200).etag();
            assert_eq!(changed, read);
            assert!(!tags.contains(&read), "{read} in {tags:?}");
            tags.push(read);
        }
    }
}

pub(crate) async fn a_tag_is_of_one_projection(app: App) {
    let ana = app.person("Ana").await;
    let full = app.get(&ana.path()).token(&ana.token).await.etag();
    let public = app
        .get(&ana.path())
        .token(app.stranger().token)
        .await
        .etag();
    assert_ne!(full, public);
    assert_eq!(
        app.get(&ana.path()).token(app.admin().token).await.etag(),
        full
    );
}

pub(crate) async fn what_is_known_is_not_sent_again(app: App) {
    let ana = app.person("Ana").await;
    for path in [ana.path(), ana.preferences()] {
        let get = |tags: String| {
            app.get(&path)
                .token(&ana.token)
                .header("if-none-match", &tags)
        };
        let tag = app.get(&path).token(&ana.token).await.etag();
        for tags in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            "*".to_owned(),
        ] {
            let reply = get(tags).await.is(304);
            assert!(reply.body.is_empty());
            assert_eq!(reply.etag(), tag);
        }
        get("\"x\"".to_owned()).await.is(200);
    }
}

pub(crate) async fn a_change_can_be_bound_to_a_tag(app: App) {
    let ana = app.person("Ana").await;
    for (path, bodies) in [
        (ana.path(), [json!({ "bio": "1" }), json!({ "bio": "2" })]),
        (
            ana.preferences(),
            [json!({ "theme": "dark" }), json!({ "theme": "light" })],
        ),
    ] {
        let tag = app.get(&path).token(&ana.token).await.etag();
        let patch = |tags: &str, body| {
            app.patch(&path)
                .token(&ana.token)
                .header("if-match", tags)
                .json(body)
        };
        patch("\"x\"", &bodies[0]).await.problem(412);
        patch(&format!("W/{tag}"), &bodies[0]).await.problem(412);
        patch(&format!("\"x\", {tag}"), &bodies[0]).await.is(200);
        patch(&tag, &bodies[1]).await.problem(412);
        patch("*", &bodies[1]).await.is(200);
    }
}

pub(crate) async fn a_deletion_can_be_bound_to_a_tag(app: App) {
    let ana = app.person("Ana").await;
    let tag = app.get(&ana.path()).token(&ana.token).await.etag();
    let delete = |tag: &str| {
        app.delete(&ana.path())
            .token(&ana.token)
            .header("if-match", tag)
    };
    delete("\"x\"").await.problem(412);
    delete(&tag).await.is(204);
}
