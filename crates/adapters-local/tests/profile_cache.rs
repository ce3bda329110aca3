//! A store that remembers whom many read: what is shown, and for how long.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use user_service_adapters_local::ProfileCachingStore;
use user_service_domain::profile::{DisplayName, Profile, ProfileKey};
use user_service_domain::store::{Store, StoreError};
use user_service_telemetry::CacheMeasures;
use user_service_testkit::{FaultKind, MemoryStore, profile};

/// Person 1 in a store that remembers.
struct World {
    store: MemoryStore,
    caching: ProfileCachingStore,
}

impl World {
    async fn new() -> Self {
        let store = MemoryStore::new();
        let mut work = store.begin().await.unwrap();
        work.profiles().insert(&profile(1)).await.unwrap();
        work.commit().await.unwrap();
        let caching =
            ProfileCachingStore::new(Arc::new(store.clone()), 10, CacheMeasures::default());
        Self { store, caching }
    }

    async fn remembered(&self, n: u32) -> Result<Option<Profile>, StoreError> {
        let reader = self.caching.lagging_profiles().unwrap();
        reader.find(ProfileKey::Id(profile(n).id)).await
    }

    async fn rename(&self, name: &str) -> Profile {
        let mut work = self.store.begin().await.unwrap();
        let key = ProfileKey::Id(profile(1).id);
        let before = work.profiles().find_for_update(key).await.unwrap().unwrap();
        let renamed = Profile {
            display_name: DisplayName::parse(name).unwrap(),
            version: before.version + 1,
            ..before
        };
        work.profiles().update(&renamed).await.unwrap();
        work.commit().await.unwrap();
        renamed
    }
}

#[tokio::test]
async fn what_is_remembered_needs_no_store() {
    let world = World::new().await;
    assert_eq!(world.remembered(1).await.unwrap(), Some(profile(1)));
    world.store.fail_next(FaultKind::Unavailable);
    assert_eq!(world.remembered(1).await.unwrap(), Some(profile(1)));
    // The fault still waits for whoever asks the store.
    assert!(world.store.ping().await.is_err());
}

#[tokio::test]
async fn a_change_is_shown_within_a_second() {
    let world = World::new().await;
    for round in 0..3 {
        world.remembered(1).await.unwrap();
        let renamed = world.rename(&format!("Name {round}")).await;
        let changed = Instant::now();
        loop {
            let asked = Instant::now();
            if world.remembered(1).await.unwrap().as_ref() == Some(&renamed) {
                break;
            }
            assert!(asked - changed < Duration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn who_reads_as_it_is_does_not_wait_for_it() {
    let world = World::new().await;
    world.remembered(1).await.unwrap();
    let renamed = world.rename("New").await;
    let key = ProfileKey::Id(renamed.id);
    let found = world.caching.profiles().find(key).await.unwrap();
    assert_eq!(found, Some(renamed));
}

#[tokio::test]
async fn many_who_ask_at_once_are_one_question() {
    let world = World::new().await;
    // The first question would be answered, a second one not.
    world.store.fail_after(1, FaultKind::Unavailable);
    let all = (0..50).map(|_| world.remembered(1));
    for found in futures_util::future::join_all(all).await {
        assert_eq!(found.unwrap(), Some(profile(1)));
    }
}

#[tokio::test]
async fn absence_and_failure_are_not_remembered() {
    let world = World::new().await;
    assert_eq!(world.remembered(2).await.unwrap(), None);
    let mut work = world.store.begin().await.unwrap();
    work.profiles().insert(&profile(2)).await.unwrap();
    work.commit().await.unwrap();
    world.store.fail_next(FaultKind::Unavailable);
    assert!(matches!(
        world.remembered(2).await,
        Err(StoreError::Unavailable(_))
    ));
    assert_eq!(world.remembered(2).await.unwrap(), Some(profile(2)));
}
