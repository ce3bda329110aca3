//! Many at once.

use std::future::IntoFuture as _;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::App;
use crate::people::USERS;

pub(crate) async fn of_many_creations_one_wins(app: App) {
    let ana = app.stranger();
    let body = json!({ "display_name": "Ana" });
    let posts = (0..200).map(|_| app.post(USERS).token(&ana.token).json(&body).into_future());
    let replies = join_all(posts).await;
    let count = |status| {
        replies
            .iter()
            .filter(|reply| reply.status == status)
            .count()
    };
    let others: Vec<_> = replies
        .iter()
        .filter(|r| ![201, 409].contains(&r.status))
        .collect();
    let texts: Vec<_> = others.iter().map(|reply| reply.text()).collect();
    assert_eq!((count(201), count(409)), (1, 199), "{texts:?}");
    assert_eq!(app.read(USERS, &app.admin()).await["total"], 1);
}

pub(crate) async fn writers_of_different_fields_lose_nothing(app: App) {
    const ROUNDS: usize = 200;
    let app = &app;
    let ana = &app.person("Ana").await;
    let profile = ["display_name", "bio", "location", "website"].map(|field| async move {
        for round in 1..=ROUNDS {
            let value = format!("https://{field}.example/{round}");
            let body = json!({ field: value });
            let after = app
                .patch(&ana.path())
                .token(&ana.token)
                .json(&body)
                .await
                .is(200)
                .json();
            assert_eq!(after[field], value.as_str());
        }
    });
    let settings = ["a", "b", "c", "d"].map(|writer| async move {
        for round in 1..=ROUNDS {
            let body = json!({ "custom_settings": { format!("{writer}{round}"): round } });
            app.patch(&ana.preferences())
                .token(&ana.token)
                .json(&body)
                .await
                .is(200);
        }
    });
    tokio::join!(join_all(profile), join_all(settings));

    let after = app.read(&ana.path(), ana).await;
    for field in ["display_name", "bio", "location", "website"] {
        assert_eq!(
            after[field],
            format!("https://{field}.example/{ROUNDS}"),
            "{after}"
        );
    }
    let after = app.read(&ana.preferences(), ana).await;
    let expected: Value = ["a", "b", "c", "d"]
        .iter()
        .flat_map(|writer| {
            (1..=ROUNDS).map(move |round| (format!("{writer}{round}"), json!(round)))
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    assert_eq!(after["custom_settings"], expected);
}
