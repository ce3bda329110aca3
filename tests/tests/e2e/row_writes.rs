//! What use costs the database.

use std::future::IntoFuture as _;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::harness::App;
use crate::sessions::start;

const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(100);

pub(crate) async fn use_costs_at_most_one_row_a_session(mut app: App) {
    const PEOPLE: usize = 10;
    const SESSIONS: usize = 5;
    const USES: usize = 40;
    let mut bearers = Vec::new();
    for _ in 0..PEOPLE {
        let person = app.person("Ana").await;
        for n in 0..SESSIONS {
            bearers.push(app.signed_in(&person, &n.to_string()));
        }
    }
    for bearer in &bearers {
        start(&app, bearer).await.is(201);
    }
    for _ in 0..USES {
        let uses = bearers
            .iter()
            .map(|bearer| app.get(&bearer.path()).token(&bearer.token).into_future());
        for reply in join_all(uses).await {
            reply.is(200);
        }
    }
    // Whoever leaves the database tells it what they did.
    assert_eq!(app.stop_gracefully().await, Some(0), "{}", app.logs());
    let sessions = i64::try_from(bearers.len()).unwrap();
    let end = Instant::now() + PATIENCE;
    loop {
        let (inserted, updated) = app.row_writes("user_sessions").await;
        if inserted == sessions && updated > 0 {
            assert!(updated <= sessions, "{updated} row writes");
            break;
        }
        assert!(
            Instant::now() < end,
            "{inserted} inserted, {updated} updated"
        );
        tokio::time::sleep(TICK).await;
    }
}
