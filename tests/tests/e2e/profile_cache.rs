//! Two processes that remember profiles for a moment.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Reply;
use crate::harness::App;
use crate::people::Person;
use crate::replicas::{TICK, pair};

async fn read(app: &App, of: &Person, by: &Person) -> Reply {
    app.get(&of.path()).token(&by.token).await.is(200)
}

pub(crate) async fn a_change_is_seen_by_its_author_at_once_and_by_others_within_a_second(app: App) {
    let [a, b] = pair(app, &[("PROFILE_CACHE_SIZE", "100")]).await;
    let ana = a.person("Ana").await;
    let (admin, stranger) = (a.admin(), a.stranger());
    for round in 0..3 {
        for app in [&a, &b] {
            read(app, &ana, &stranger).await;
        }
        let bio = json!(format!("round {round}"));
        let by = [&ana, &admin][round % 2];
        let change = a.patch(&ana.path()).token(&by.token);
        change.json(&json!({ "bio": bio })).await.is(200);
        let changed = Instant::now();
        for app in [&a, &b] {
            for author in [&ana, &admin] {
                assert_eq!(read(app, &ana, author).await.json()["bio"], bio);
            }
        }
        for app in [&a, &b] {
            loop {
                let asked = Instant::now();
                if read(app, &ana, &stranger).await.json()["bio"] == bio {
                    break;
                }
                let late = asked.saturating_duration_since(changed);
                assert!(late < Duration::from_secs(1), "{late:?}");
                tokio::time::sleep(TICK).await;
            }
        }
    }
}
