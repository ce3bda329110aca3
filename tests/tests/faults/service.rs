//! The service itself is killed, stopped, doubled, migrated, flooded, or told another time.

use std::fmt::Write as _;
use std::path::PathBuf;

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{App, Engine};
use crate::people::USERS;
use crate::trial::{Figures, Promise, Trial};
use crate::world::World;

pub(crate) async fn killed(world: &mut World) -> Figures {
    let mut place = world.place(&[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    for _ in 0..3 {
        place.app.restart().await;
        trial.aim(&[&place.app]);
        trial.mends();
        trial.goes_on(0.7).await;
    }
    trial.end(&place.app, Promise::GONE).await
}

pub(crate) async fn terminated(world: &mut World) -> Figures {
    let mut place = world.place(&[]).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    let code = place.app.stop_gracefully().await;
    place.app.restart().await;
    trial.aim(&[&place.app]);
    trial.mends();
    let figures = trial.end(&place.app, Promise::GONE).await;
    figures.promised(code == Some(0), "it exits with 0")
}

/// Two processes share the work, and one dies. On `SQLite` they share the file.
pub(crate) async fn replica_killed(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let mut other = place.app.replica(&[]).await;
    let mut trial = Trial::begin(&[&place.app, &other]).await;
    trial.goes_on(1.0).await;
    other.kill();
    trial.goes_on(0.5).await;
    trial.aim(&[&place.app]);
    trial.mends();
    trial.end(&place.app, Promise::GONE).await
}

/// The schema goes back and forth beneath data, and four processes migrate at once.
pub(crate) async fn migrated(world: &mut World) -> Figures {
    let mut place = world.place(&[]).await;
    let trial = Trial::begin(&[&place.app]).await;
    trial.goes_on(1.0).await;
    let stopped = trial.stop().await;
    place.app.stop_gracefully().await;
    place
        .app
        .run(&["migrate", "down", "--steps", "3"])
        .await
        .exits(0);
    let up = join_all((0..4).map(|_| place.app.run(&["migrate", "up"]))).await;
    let all = up.iter().all(|outcome| outcome.code == Some(0));
    place.app.restart().await;
    let figures = stopped.settle(&place.app, Promise::UNNOTICED).await;
    figures.promised(all, "down by 3, up by four processes at once, all exit 0")
}

/// The clock of the service is told to be another: ahead by less than what is allowed, then by hours, then right.
pub(crate) async fn clock_moved(world: &mut World) -> Figures {
    let mut place = world.place(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let shift = folder.path().join("shift");
    let tell = |by: &str| std::fs::write(&shift, by).unwrap();
    tell("+0");
    let library = libfaketime();
    for (name, value) in [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME_TIMESTAMP_FILE", shift.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ] {
        place.app.set(name, value);
    }
    place.app.restart().await;
    let mut trial = Trial::begin(&[&place.app]).await;
    tell("+20");
    trial.goes_on(1.0).await;
    tell("-20");
    trial.goes_on(1.0).await;
    tell("+7200");
    let token = place.app.stranger().token;
    let late = place.app.get(USERS).token(&token).await.status;
    trial.goes_on(1.0).await;
    tell("+0");
    trial.mends();
    let promise = Promise {
        text: "20 s either way unnoticed; two hours ahead 401, for every token is over",
        writes: &[401],
        reads: &[401],
        breaks: false,
    };
    let figures = trial.end(&place.app, promise).await;
    figures.promised(late == 401, "an expired token is refused")
}

fn libfaketime() -> PathBuf {
    let places = std::fs::read_dir("/usr/lib").unwrap().flatten();
    places
        .map(|place| place.path().join("faketime/libfaketimeMT.so.1"))
        .find(|library| library.is_file())
        .expect("libfaketime is installed")
}

/// How much memory the process has, in bytes.
fn memory(app: &App) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", app.id())).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = resident.unwrap().trim().trim_end_matches(" kB");
    kibibytes.parse::<usize>().unwrap() * 1024
}

/// Large bodies, deep bodies and pictures of many pixels, all at once.
pub(crate) async fn flooded(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let ana = place.app.person("Ana").await;
    let trial = Trial::begin(&[&place.app]).await;
    let before = memory(&place.app);
    let large = format!(r#"{{"display_name":"{}"}}"#, "x".repeat(1 << 20));
    let mut deep = String::new();
    for _ in 0..30_000 {
        write!(deep, "[").unwrap();
    }
    let avatar = format!("{}/avatar", ana.path());
    let huge = vec![0; 5 << 20];
    let flood = (0..60).map(async |n| {
        let post = place.app.post(if n % 3 == 2 { &avatar } else { USERS });
        let post = post.token(&ana.token);
        let post = match n % 3 {
            0 => post.raw("application/json", large.clone()),
            1 => post.raw("application/json", deep.clone()),
            _ => post.raw("image/png", huge.clone()),
        };
        // Who is refused before the end may find the connection closed.
        post.attempt().await.map_or(400, |reply| reply.status)
    });
    let statuses = join_all(flood).await;
    let refused = statuses
        .iter()
        .all(|status| (400..500).contains(status) || *status == 503);
    let grown = memory(&place.app).saturating_sub(before);
    let figures = trial.end(&place.app, Promise::UNNOTICED).await;
    figures
        .promised(refused, "all of it is refused")
        .promised(grown < 300 << 20, "memory grows by less than 300 MiB")
}

/// Sixteen change different members of one profile, and start sessions at once.
pub(crate) async fn raced(world: &mut World) -> Figures {
    let place = world.place(&[]).await;
    let app = &place.app;
    let ana = app.person("Ana").await;
    let trial = Trial::begin(&[app]).await;
    let racers = join_all((0..16).map(async |n| {
        let mut good = true;
        for round in 0..8 {
            let body = json!({ "custom_settings": { format!("r{n}"): round } });
            let patch = app.patch(&ana.preferences()).token(&ana.token);
            good &= patch.json(&body).await.status == 200;
        }
        good
    }))
    .await;
    let settings = app.read(&ana.preferences(), &ana).await["custom_settings"].clone();
    let all = (0..16).all(|n| settings[format!("r{n}")] == 7);
    // One writer at a time is all that this engine has, and it says so.
    let good = racers.iter().all(|good| *good) || world.engine == Engine::Sqlite;
    let figures = trial.end(app, Promise::UNNOTICED).await;
    figures
        .promised(all, "no change of another member is lost")
        .promised(good, "none of 128 is refused")
}
