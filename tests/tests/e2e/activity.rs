//! Activity is written seldom, and not lost.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::App;
use crate::people::Person;
use crate::sessions::{listed, start};

const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(100);

/// When the one session of a person was last used, as it is written.
pub(crate) async fn last_activity(app: &App, person: &Person) -> String {
    let seen = listed(app, person, &app.admin(), "all").await;
    assert_eq!(seen.len(), 1);
    text(&seen[0]["last_activity_at"])
}

fn text(value: &Value) -> String {
    value.as_str().expect("a time").to_owned()
}

/// Uses a session once.
async fn used(app: &App, bearer: &Person) {
    app.get(&bearer.path()).token(&bearer.token).await.is(200);
}

pub(crate) async fn activity_is_written_when_the_service_stops(mut app: App) {
    let ana = app.person("Ana").await;
    let laptop = app.signed_in(&ana, "laptop");
    let made = start(&app, &laptop).await.is(201).json();
    let created = text(&made["created_at"]);
    assert_eq!(text(&made["last_activity_at"]), created);
    let mut before = created;
    for _ in 0..3 {
        used(&app, &laptop).await;
        // No request writes.
        assert_eq!(last_activity(&app, &ana).await, before);
        assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
        app.restart().await;
        let after = last_activity(&app, &ana).await;
        assert!(after > before, "{after} is not after {before}");
        before = after;
    }
    // Whoever did not use it moved nothing.
    assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
    app.restart().await;
    assert_eq!(last_activity(&app, &ana).await, before);
}

pub(crate) async fn a_login_is_remembered(mut app: App) {
    let ana = app.person("Ana").await;
    let login =
        async |app: &App| app.read(&ana.path(), &app.admin()).await["last_login_at"].clone();
    assert_eq!(login(&app).await, Value::Null);
    let laptop = app.signed_in(&ana, "laptop");
    let made = start(&app, &laptop).await.is(201).json();
    let end = Instant::now() + PATIENCE;
    while login(&app).await.is_null() {
        assert!(Instant::now() < end, "no login was written");
        tokio::time::sleep(TICK).await;
    }
    let first = login(&app).await;
    assert_eq!(first, made["created_at"]);
    // One that came to be by itself counts as well, and is not lost when the service stops.
    used(&app, &app.signed_in(&ana, "phone")).await;
    app.stop_gracefully().await;
    app.restart().await;
    let second = login(&app).await;
    assert!(text(&second) > text(&first), "{second}");
    // Going on with a session is no login.
    used(&app, &laptop).await;
    app.stop_gracefully().await;
    app.restart().await;
    assert_eq!(login(&app).await, second);
}
