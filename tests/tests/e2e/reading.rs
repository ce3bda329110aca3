//! Who sees what of a profile.

use serde_json::json;
use uuid::Uuid;

use crate::client::has_exactly;
use crate::harness::App;
use crate::people::{FULL, PUBLIC, USERS};

pub(crate) async fn a_stranger_sees_the_public_projection(app: App) {
    let ana = app
        .person_with(json!({ "display_name": "Ana", "phone_number": "+442071838750" }))
        .await;
    for stranger in [
        app.stranger(),
        app.person("Ben").await,
        app.service("preferences:read"),
    ] {
        has_exactly(&app.read(&ana.path(), &stranger).await, &PUBLIC);
    }
}

pub(crate) async fn self_admin_and_reader_see_the_full_representation(app: App) {
    let ana = app.person("Ana").await;
    let path = ana.path();
    for caller in [
        ana,
        app.admin(),
        app.service("users:admin"),
        app.service("openid users:read"),
    ] {
        has_exactly(&app.read(&path, &caller).await, &FULL);
    }
}

pub(crate) async fn lists_use_the_projection_of_the_caller(app: App) {
    app.person("Ana").await;
    for path in [USERS.to_owned(), format!("{USERS}/search?q=ana")] {
        has_exactly(&app.read(&path, &app.stranger()).await["items"][0], &PUBLIC);
        has_exactly(&app.read(&path, &app.admin()).await["items"][0], &FULL);
        has_exactly(
            &app.read(&path, &app.service("users:read")).await["items"][0],
            &FULL,
        );
    }
}

pub(crate) async fn me_is_the_full_profile_with_preferences(app: App) {
    let ana = app.person("Ana").await;
    let me = app.read(&format!("{USERS}/me"), &ana).await;
    let members: Vec<_> = FULL.iter().copied().chain(["preferences"]).collect();
    has_exactly(&me, &members);
    let preferences = app.read(&ana.preferences(), &ana).await;
    assert_eq!(me["preferences"], preferences);
}

pub(crate) async fn me_without_a_profile_is_not_found(app: App) {
    app.person("Ana").await;
    for caller in [app.stranger(), app.admin(), app.service("users:read")] {
        app.get(&format!("{USERS}/me"))
            .token(caller.token)
            .await
            .problem(404);
    }
}

pub(crate) async fn me_stands_for_the_own_profile_in_every_path(app: App) {
    let ana = app.person("Ana").await;
    let me = format!("{USERS}/me");
    let body = json!({ "bio": "mine" });
    app.patch(&me).token(&ana.token).json(&body).await.is(200);
    assert_eq!(app.read(&ana.path(), &ana).await["bio"], "mine");
    let preferences = format!("{me}/preferences");
    let body = json!({ "theme": "dark" });
    app.patch(&preferences)
        .token(&ana.token)
        .json(&body)
        .await
        .is(200);
    assert_eq!(app.read(&preferences, &ana).await["theme"], "dark");
    app.delete(&me).token(&ana.token).await.is(204);
    let ana = app.later(&ana);
    app.get(&me).token(&ana.token).await.problem(404);
}

pub(crate) async fn what_is_no_uuid_is_not_found(app: App) {
    let admin = app.admin();
    for id in [
        "1",
        "abc",
        "me2",
        "%00",
        "018f2f6e-0000-7000-8000-00000000000g",
        "%F0%9F%91%A9",
    ] {
        let path = format!("{USERS}/{id}");
        app.get(&path).token(&admin.token).await.problem(404);
        app.get(&format!("{path}/preferences"))
            .token(&admin.token)
            .await
            .problem(404);
        app.delete(&path).token(&admin.token).await.problem(404);
    }
    let nobody = format!("{USERS}/{}", Uuid::new_v4());
    app.get(&nobody).token(&admin.token).await.problem(404);
}

pub(crate) async fn an_inactive_profile_is_hidden_from_strangers(app: App) {
    let ana = app.inactive("Ana").await;
    app.person("Anabel").await;
    let path = ana.path();
    let stranger = app.stranger();
    let hidden = app.get(&path).token(&stranger.token).await.problem(404);
    let absent = app
        .get(&format!("{USERS}/{}", Uuid::new_v4()))
        .token(&stranger.token)
        .await;
    assert_eq!(
        absent.problem(404)["detail"],
        hidden["detail"],
        "hidden is told from absent"
    );
    for list in [
        USERS.to_owned(),
        format!("{USERS}/search?q=ana&count=exact"),
    ] {
        let seen = app.read(&list, &stranger).await;
        assert_eq!(seen["total"], 1, "{seen}");
        assert_eq!(app.read(&list, &app.admin()).await["total"], 2);
    }
    for caller in [app.admin(), app.service("users:read")] {
        assert_eq!(app.read(&path, &caller).await["is_active"], false);
    }
    let own = app.get(&path).token(&ana.token).await;
    own.refused("account-ended");
}
