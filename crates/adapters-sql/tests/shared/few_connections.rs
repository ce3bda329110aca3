//! More who ask than connections: statements keep theirs, and nobody waits for them in vain.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;
use user_service_adapters_sql::{PoolOptions, SqlStore};
use user_service_domain::profile::ProfileKey;
use user_service_domain::store::Store;

use crate::upgrade::person;

/// One more than it takes for a statement and a unit of work to be in each other's way.
pub(crate) fn options() -> PoolOptions {
    PoolOptions {
        max_connections: 2,
        acquire_timeout: Duration::from_secs(20),
        statement_timeout: Duration::from_secs(20),
        ..PoolOptions::default()
    }
}

/// Statements and units of work get their connections from each other, however they meet.
pub(crate) async fn statements_and_units_of_work_share_them(store: &SqlStore) {
    let ana = person(1);
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    work.commit().await.unwrap();
    let mut all = JoinSet::new();
    for n in 0..40 {
        let (store, key) = (store.clone(), ProfileKey::Id(ana.id));
        all.spawn(async move {
            for round in 0..10 {
                if (n + round) % 4 == 0 {
                    let mut work = store.begin().await.unwrap();
                    let found = work.profiles().find_for_update(key).await.unwrap();
                    assert!(found.is_some());
                    work.commit().await.unwrap();
                } else {
                    assert!(store.profiles().find(key).await.unwrap().is_some());
                }
            }
        });
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
}

/// A statement that nobody waits for any more leaves nothing behind for the next one on its connection.
pub(crate) async fn what_is_given_up_disturbs_nobody(store: &SqlStore) {
    let people = [person(1), person(2)];
    let mut work = store.begin().await.unwrap();
    for person in &people {
        work.profiles().insert(person).await.unwrap();
    }
    work.commit().await.unwrap();
    for n in 0..200 {
        let [given_up, wanted] = [&people[n % 2], &people[(n + 1) % 2]];
        let patience = Duration::from_micros(u64::try_from(n).unwrap() * 7);
        let asked = store.profiles().find(ProfileKey::Id(given_up.id));
        drop(timeout(patience, asked).await);
        let found = store.profiles().find(ProfileKey::Id(wanted.id)).await;
        assert_eq!(found.unwrap().map(|found| found.id), Some(wanted.id));
    }
}

/// Whoever gives up waiting for a connection takes none along: those who wait get theirs.
pub(crate) async fn who_gives_up_waiting_takes_none_along(store: &SqlStore) {
    let ana = person(1);
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    work.commit().await.unwrap();
    let mut all = JoinSet::new();
    for n in 0..200_u64 {
        let (store, key) = (store.clone(), ProfileKey::Id(ana.id));
        all.spawn(async move {
            let patience = Duration::from_micros(n * 20);
            if n % 2 == 0 {
                drop(timeout(patience, store.profiles().find(key)).await);
            } else {
                assert!(store.profiles().find(key).await.unwrap().is_some());
            }
        });
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
    assert_eq!(store.usage().pending, 0);
    // They come back to the pool by tasks of their own.
    let back = async {
        while store.usage().used > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(options().acquire_timeout, back).await.unwrap();
}
