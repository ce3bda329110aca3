//! A store with a replica: where reads go.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::Duration;

use user_service_adapters_local::ReplicatedStore;
use user_service_domain::profile::{
    Counted, DisplayName, Position, Profile, ProfileFilter, ProfileKey, ProfileOrder, ProfileQuery,
    ProfileSearchQuery, SearchStart,
};
use user_service_domain::store::{Store, StoreError};
use user_service_domain::text::SearchText;
use user_service_testkit::{FaultKind, MemoryStore, profile};

/// Person 1, known to the primary as Now and to its replica as Then; person 2 has not come to the replica yet.
struct World {
    store: ReplicatedStore,
    replica: MemoryStore,
}

impl World {
    async fn new() -> Self {
        let primary = with(&[named("Now"), profile(2)]).await;
        let replica = with(&[named("Then")]).await;
        Self {
            store: ReplicatedStore::new(Arc::new(primary), Arc::new(replica.clone())),
            replica,
        }
    }

    /// The name of person 1 as read from where it may lag.
    async fn name(&self) -> String {
        let lagging = self.store.lagging_profiles().unwrap();
        let found = lagging.find(key(1)).await.unwrap();
        found.unwrap().display_name.as_str().to_owned()
    }
}

async fn with(profiles: &[Profile]) -> MemoryStore {
    let store = MemoryStore::new();
    let mut work = store.begin().await.unwrap();
    for profile in profiles {
        work.profiles().insert(profile).await.unwrap();
    }
    work.commit().await.unwrap();
    store
}

fn named(name: &str) -> Profile {
    Profile {
        display_name: DisplayName::parse(name).unwrap(),
        ..profile(1)
    }
}

fn key(n: u32) -> ProfileKey {
    ProfileKey::Id(profile(n).id)
}

fn everybody() -> ProfileQuery {
    ProfileQuery {
        filter: ProfileFilter::default(),
        order: ProfileOrder::default(),
        position: Position::Offset(0),
        limit: 10,
    }
}

#[tokio::test]
async fn what_may_lag_is_read_from_the_replica() {
    let world = World::new().await;
    assert_eq!(world.name().await, "Then");
    let lagging = world.store.lagging_profiles().unwrap();
    let user = ProfileKey::User(profile(1).user_id);
    assert_eq!(lagging.find(user).await.unwrap(), Some(named("Then")));
    assert_eq!(lagging.list(&everybody()).await.unwrap(), [named("Then")]);
    let counted = lagging.count(&ProfileFilter::default(), 9).await.unwrap();
    assert_eq!(counted, Counted::Exactly(1));
    let search = world.store.lagging_search().unwrap();
    let text = SearchText::parse("then").unwrap();
    let query = ProfileSearchQuery {
        text: text.clone(),
        filter: ProfileFilter::default(),
        start: SearchStart::default(),
        limit: 10,
    };
    assert_eq!(search.search(&query).await.unwrap().found.len(), 1);
    let counted = search.count(&text, &query.filter, 9).await.unwrap();
    assert_eq!(counted, Counted::Exactly(1));
}

#[tokio::test]
async fn everything_else_is_read_from_the_primary() {
    let world = World::new().await;
    let profiles = world.store.profiles();
    assert_eq!(profiles.find(key(1)).await.unwrap(), Some(named("Now")));
    assert_eq!(profiles.list(&everybody()).await.unwrap().len(), 2);
    let mut work = world.store.begin().await.unwrap();
    let found = work.profiles().find_for_update(key(1)).await.unwrap();
    assert_eq!(found, Some(named("Now")));
}

#[tokio::test]
async fn what_has_not_come_to_the_replica_is_found_at_the_primary() {
    let world = World::new().await;
    let lagging = world.store.lagging_profiles().unwrap();
    assert_eq!(lagging.find(key(2)).await.unwrap(), Some(profile(2)));
    assert_eq!(lagging.find(key(3)).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_fails_is_left_alone_for_a_while() {
    let world = World::new().await;
    world.replica.fail_next(FaultKind::Unavailable);
    assert_eq!(world.name().await, "Now");
    tokio::time::advance(Duration::from_millis(1900)).await;
    assert_eq!(world.name().await, "Now");
    tokio::time::advance(Duration::from_millis(200)).await;
    assert_eq!(world.name().await, "Then");
}

#[tokio::test]
async fn a_lost_replica_is_told_of_and_is_not_essential() {
    let world = World::new().await;
    let replica = world.store.dependency();
    assert_eq!(replica.name(), "database_replica");
    assert!(!replica.is_essential());
    assert!(replica.check().await.is_ok());
    world.replica.fail_next(FaultKind::Unavailable);
    assert!(replica.check().await.is_err());
    assert!(matches!(world.store.ping().await, Ok::<_, StoreError>(())));
}
