//! Avatars in a bucket.

use crate::avatars::{give, look, upload};
use crate::doctor::is;
use crate::files_lost::until;
use crate::harness::App;
use crate::pictures::{plain, png};
use crate::s3_server::{BUCKET, KEY_ID, SECRET, Server, files};

async fn with_bucket(app: &mut App) -> Server {
    let server = Server::start().await;
    let settings = server.settings();
    for (name, value) in [
        ("S3_BUCKET", BUCKET),
        ("S3_ENDPOINT", &settings.endpoint.unwrap()),
        ("S3_REGION", &settings.region),
        ("S3_ACCESS_KEY_ID", KEY_ID),
        ("S3_SECRET_ACCESS_KEY", SECRET),
    ] {
        app.set(name, value);
    }
    app.restart().await;
    server
}

pub(crate) async fn pictures_are_kept_in_the_bucket(mut app: App) {
    let server = with_bucket(&mut app).await;
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    assert_eq!((files(&server.bucket()).len(), app.avatar_files()), (8, 0));
    look(&app, &ana, "").await.is(200);
    let outcome = app.run(&["doctor", "--json"]).await;
    is(&outcome, "avatars", "ok", "");
    app.delete(&ana.avatar()).token(&ana.token).await.is(204);
    assert_eq!(files(&server.bucket()).len(), 0);
}

pub(crate) async fn a_bucket_that_is_away_loses_nothing(mut app: App) {
    let mut server = with_bucket(&mut app).await;
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    let before = look(&app, &ana, "").await.is(200);
    server.kill().await;
    let reply = upload(&app, &ana, plain([5, 5, 5])).await;
    assert_eq!(reply.problem(503)["code"], "avatars-unavailable");
    let outcome = app.run(&["doctor", "--json"]).await;
    is(&outcome, "avatars", "warning", "correct S3_BUCKET");
    for text in [outcome.output(), app.logs()] {
        assert!(!text.contains(SECRET), "{text}");
    }
    server.restart().await;
    let after = until("the picture is found again", async || {
        let reply = look(&app, &ana, "").await;
        (reply.body == before.body).then_some(reply)
    })
    .await;
    assert_eq!(after.etag(), before.etag());
}
