//! Avatars in a File Service that goes away.

use std::time::{Duration, Instant};

use crate::avatars::{assert_drawn, give, look, upload};
use crate::file_service::FileService;
use crate::harness::App;
use crate::pictures::{plain, png};

const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(100);

async fn with_file_service(app: &mut App) -> FileService {
    let service = FileService::start().await;
    for (name, value) in service.settings() {
        app.set(name, &value);
    }
    app.restart().await;
    service
}

/// Asks until the File Service is asked again, which is left alone for a while after failures.
pub(crate) async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(done) = attempt().await {
            return done;
        }
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(TICK).await;
    }
}

pub(crate) async fn pictures_are_kept_in_the_file_service(mut app: App) {
    let service = with_file_service(&mut app).await;
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    assert_eq!((service.files(), app.avatar_files()), (8, 0));
    let before = look(&app, &ana, "").await.is(200);
    give(&app, &ana, plain([1, 2, 3])).await;
    assert_eq!(service.files(), 8);
    let after = look(&app, &ana, "").await.is(200);
    assert_ne!(before.body, after.body);
    app.delete(&ana.avatar()).token(&ana.token).await.is(204);
    assert_eq!(service.files(), 0);
}

pub(crate) async fn a_killed_file_service_loses_nothing(mut app: App) {
    let mut service = with_file_service(&mut app).await;
    let (ana, bo) = (app.person("Ana").await, app.person("Bo").await);
    let profile = give(&app, &ana, png(100, 100)).await;
    let before = look(&app, &ana, "").await.is(200);
    service.process.kill();
    for person in [&ana, &bo] {
        let reply = upload(&app, person, plain([5, 5, 5])).await;
        assert_eq!(reply.problem(503)["code"], "avatars-unavailable");
        reply.header("retry-after").parse::<u32>().unwrap();
    }
    // Who has the picture is told that it is the same; others see initials meanwhile, and must not keep them.
    let known = look(&app, &ana, "").header("if-none-match", &before.etag());
    known.await.is(304);
    let reply = look(&app, &ana, "").await;
    assert_drawn(&reply, "unavailable");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_drawn(&look(&app, &bo, "").await, "absent");
    app.get("/health/ready").await.is(200);
    app.get(&ana.path()).token(&ana.token).await.is(200);
    // A removal is taken at once, and done when it can be.
    give_up(&app, &bo).await;
    service.run().await;
    let back = async || {
        let reply = look(&app, &ana, "").await;
        (reply.header("content-type") == "image/jpeg").then_some(reply)
    };
    let after = until("the old picture does not come back", back).await;
    assert_eq!(after.body, before.body);
    let again = app.get(&ana.path()).token(&ana.token).await.json();
    assert_eq!(again, profile);
    give(&app, &bo, plain([5, 5, 5])).await;
    app.due_avatars_now().await;
    app.run(&["avatars", "gc"]).await.exits(0);
    assert_eq!(service.files(), 16, "no orphan");
}

async fn give_up(app: &App, person: &crate::people::Person) {
    let removal = app.delete(&person.avatar()).token(&person.token);
    removal.await.is(204);
}

pub(crate) async fn what_is_removed_meanwhile_goes_later(mut app: App) {
    let mut service = with_file_service(&mut app).await;
    let (ana, bo) = (app.person("Ana").await, app.person("Bo").await);
    give(&app, &ana, png(100, 100)).await;
    give(&app, &bo, png(100, 100)).await;
    service.process.kill();
    give_up(&app, &ana).await;
    app.delete(&bo.path()).token(&bo.token).await.is(204);
    assert_drawn(&look(&app, &ana, "").await, "absent");
    app.run(&["avatars", "gc"]).await.exits(69);
    service.run().await;
    assert_eq!(service.files(), 16);
    let outcome = app.run(&["avatars", "gc"]).await.exits(0);
    assert_eq!(outcome.stdout, "removed: 2\n");
    assert_eq!(service.files(), 0);
}

pub(crate) async fn a_frozen_file_service_holds_nobody_up(mut app: App) {
    app.set("AVATAR_STORE_TIMEOUT", "1");
    let service = with_file_service(&mut app).await;
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    service.process.freeze();
    let asked = Instant::now();
    let reply = upload(&app, &ana, plain([5, 5, 5])).await;
    assert_eq!(reply.problem(503)["code"], "avatars-unavailable");
    assert_drawn(&look(&app, &ana, "").await, "unavailable");
    let took = asked.elapsed();
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    service.process.thaw();
    let stored = async || {
        let reply = upload(&app, &ana, plain([6, 6, 6])).await;
        (reply.status == 200).then_some(())
    };
    until("no upload succeeds", stored).await;
    app.due_avatars_now().await;
    app.run(&["avatars", "gc"]).await.exits(0);
    assert_eq!(service.files(), 8, "no orphan");
}

/// Killed between the files and the pointer, the service leaves nothing that is not found.
pub(crate) async fn an_upload_cut_off_leaves_no_orphan(mut app: App) {
    app.set("AVATAR_STORE_TIMEOUT", "30");
    let service = with_file_service(&mut app).await;
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    let before = look(&app, &ana, "").await.is(200);
    service.process.freeze();
    let cut = tokio::spawn(upload(&app, &ana, plain([5, 5, 5])).attempt());
    let noted = async || (app.noted_avatars().await > 0).then_some(());
    until("no upload is under way", noted).await;
    app.restart().await;
    assert!(cut.await.unwrap().is_err());
    service.process.thaw();
    let same = async || {
        let reply = look(&app, &ana, "").await;
        (reply.status == 200 && reply.body == before.body).then_some(())
    };
    until("the old picture does not come back", same).await;
    app.due_avatars_now().await;
    app.run(&["avatars", "gc"]).await.exits(0);
    assert_eq!(app.noted_avatars().await, 0);
    assert_eq!(service.files(), 8, "no orphan");
}
