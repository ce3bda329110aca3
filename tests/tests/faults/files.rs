//! The File Service goes away, falls silent, or talks nonsense, while everything else goes on.

use std::time::{Duration, Instant};

use crate::client::Reply;
use crate::file_service::FileService;
use crate::harness::App;
use crate::people::Person;
use crate::pictures::plain;
use crate::server::{Reply as Nonsense, Server};
use crate::trial::{Figures, Promise, Trial};
use crate::world::{Place, World};

async fn with_files(world: &World, service: &FileService) -> Place {
    let settings = service.settings();
    let mut all: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    all.push(("AVATAR_STORE_TIMEOUT", "2"));
    world.place(&all).await
}

async fn upload(app: &App, person: &Person, blue: u8) -> Reply {
    let path = format!("{}/avatar", person.path());
    let upload = app.post(&path).token(&person.token);
    upload.raw("image/png", plain([5, 5, blue])).await
}

async fn shown(app: &App, person: &Person) -> Reply {
    let path = format!("{}/avatar", person.path());
    app.get(&path).token(&person.token).await
}

/// Whether uploads are refused as promised, and in time.
async fn refused(app: &App, person: &Person) -> bool {
    let asked = Instant::now();
    let reply = upload(app, person, 6).await;
    reply.coded(503, "avatars-unavailable");
    reply.maybe("retry-after").is_some() && asked.elapsed() < Duration::from_secs(11)
}

/// Within how many seconds an upload succeeds again.
async fn back(app: &App, person: &Person) -> f64 {
    let since = Instant::now();
    while upload(app, person, 7).await.status != 200 {
        assert!(
            since.elapsed() < Duration::from_secs(30),
            "no upload succeeds"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    since.elapsed().as_secs_f64()
}

pub(crate) async fn killed(world: &mut World) -> Figures {
    let mut service = FileService::start().await;
    let place = with_files(world, &service).await;
    let ana = place.app.person("Ana").await;
    upload(&place.app, &ana, 5).await.is(200);
    let before = shown(&place.app, &ana).await.is(200);
    let mut trial = Trial::begin(&[&place.app]).await;
    service.process.kill();
    let told = refused(&place.app, &ana).await;
    trial.goes_on(1.0).await;
    service.run().await;
    trial.mends();
    let since = Instant::now();
    let mut after = shown(&place.app, &ana).await;
    while after.body != before.body && since.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        after = shown(&place.app, &ana).await;
    }
    let seconds = back(&place.app, &ana).await;
    let figures = trial.end(&place.app, Promise::UNNOTICED).await;
    figures
        .promised(told, "uploads 503 `avatars-unavailable`")
        .promised(after.body == before.body, "the old avatar comes back")
        .promised(seconds < 5.0, "uploads succeed again within 5 s")
}

pub(crate) async fn frozen(world: &mut World) -> Figures {
    let service = FileService::start().await;
    let place = with_files(world, &service).await;
    let ana = place.app.person("Ana").await;
    upload(&place.app, &ana, 5).await.is(200);
    let mut trial = Trial::begin(&[&place.app]).await;
    service.process.freeze();
    let told = refused(&place.app, &ana).await;
    service.process.thaw();
    trial.mends();
    let seconds = back(&place.app, &ana).await;
    let figures = trial.end(&place.app, Promise::UNNOTICED).await;
    figures
        .promised(told, "uploads 503 `avatars-unavailable`")
        .promised(seconds < 10.0, "uploads succeed again within 10 s")
}

/// Errors, redirects and endless bodies from what should be the File Service.
pub(crate) async fn nonsense(world: &mut World) -> Figures {
    let server = Server::start(Nonsense::status(500, "no")).await;
    let url = server.url();
    let token = "the-token-of-the-file-service";
    let settings = [
        ("FILE_SERVICE_URL", url.as_str()),
        ("FILE_SERVICE_TOKEN", token),
    ];
    let place = world.place(&settings).await;
    let ana = place.app.person("Ana").await;
    let trial = Trial::begin(&[&place.app]).await;
    let elsewhere = Nonsense::redirect("http://127.0.0.1:1/");
    let endless = Nonsense::status(500, vec![b'x'; 4 << 20]);
    let mut told = true;
    for reply in [
        Nonsense::status(500, "no"),
        elsewhere,
        endless,
        Nonsense::HangUp,
    ] {
        server.reply(reply);
        told &= refused(&place.app, &ana).await;
        let profile = place.app.read(&ana.path(), &ana).await;
        told &= profile["avatar_url"].is_null();
    }
    let figures = trial.end(&place.app, Promise::UNNOTICED).await;
    figures.promised(
        told,
        "uploads 503 `avatars-unavailable`, nothing of it is kept",
    )
}
