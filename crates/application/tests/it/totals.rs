//! Totals of lists.

use std::sync::Arc;
use std::time::Duration;

use user_service_application::authz::Policy;
use user_service_application::paging::CursorCodec;
use user_service_application::profile::{ListProfiles, PageRequest, ProfileList};
use user_service_domain::identity::{Caller, Principal};
use user_service_domain::profile::{Counted, ProfileFilter, ProfileOrder};
use user_service_domain::store::Store;
use user_service_testkit::{FaultKind, MemoryStore, profile};

use crate::replica::person;

struct World {
    store: MemoryStore,
    list: ListProfiles,
    people: u32,
}

impl World {
    async fn of(people: u32) -> Self {
        let store = MemoryStore::new();
        let policy = Policy::default();
        let list = ListProfiles::new(Arc::new(store.clone()), CursorCodec::new(b"secret"), policy);
        let mut world = Self {
            store,
            list,
            people: 0,
        };
        world.grow(people).await;
        world
    }

    async fn grow(&mut self, by: u32) {
        let mut work = self.store.begin().await.unwrap();
        for n in self.people..self.people + by {
            work.profiles().insert(&profile(n)).await.unwrap();
        }
        work.commit().await.unwrap();
        self.people += by;
    }

    async fn total(&self) -> Option<Counted> {
        let admin = Caller::Known(Principal {
            is_admin: true,
            ..person(1)
        });
        let list = ProfileList {
            filter: ProfileFilter::default(),
            order: ProfileOrder::default(),
            page: PageRequest::Offset(0),
            limit: 1,
        };
        self.list.execute(&admin, list).await.unwrap().total
    }
}

#[tokio::test(start_paused = true)]
async fn small_totals_are_of_now() {
    let mut world = World::of(999).await;
    assert_eq!(world.total().await, Some(Counted::Exactly(999)));
    world.grow(1).await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1000)));
}

#[tokio::test(start_paused = true)]
async fn large_totals_are_remembered_and_counted_anew_beside_requests() {
    let mut world = World::of(1001).await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1001)));
    world.grow(1).await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1001)));
    tokio::time::advance(Duration::from_secs(11)).await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1001)));
    tokio::task::yield_now().await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1002)));
}

#[tokio::test(start_paused = true)]
async fn a_total_of_long_ago_is_not_told() {
    let mut world = World::of(1001).await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1001)));
    world.grow(1).await;
    tokio::time::advance(Duration::from_secs(21)).await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1002)));
}

#[tokio::test(start_paused = true)]
async fn a_total_that_cannot_be_counted_anew_is_told_as_before_and_counted_again_soon() {
    let mut world = World::of(1001).await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1001)));
    world.grow(1).await;
    tokio::time::advance(Duration::from_secs(11)).await;
    // The page itself is read.
    world.store.fail_after(1, FaultKind::Unavailable);
    assert_eq!(world.total().await, Some(Counted::Exactly(1001)));
    tokio::task::yield_now().await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1001)));
    tokio::time::advance(Duration::from_secs(3)).await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1001)));
    tokio::task::yield_now().await;
    assert_eq!(world.total().await, Some(Counted::Exactly(1002)));
}
