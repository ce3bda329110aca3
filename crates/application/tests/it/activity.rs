//! When sessions were last used.

use chrono::TimeDelta;
use user_service_domain::clock::Clock;
use user_service_domain::profile::ProfileKey;
use user_service_domain::session::{Flush, SessionFilter};
use user_service_domain::store::Store;
use user_service_testkit::FaultKind;

use crate::replica::{Replica, World, follow, in_session, person};

#[tokio::test(start_paused = true)]
async fn many_uses_are_one_write_a_minute() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    let began = replica.world.clock.now();
    for _ in 0..61 {
        follow(&replica, 1).await;
        replica.admit(&in_session("a")).await.unwrap();
        if replica.world.clock.now() - began < TimeDelta::seconds(60) {
            assert_eq!(replica.flush.execute(Flush::Coalesced).await.unwrap(), 0);
        }
    }
    assert_eq!(replica.flush.execute(Flush::Coalesced).await.unwrap(), 1);
    assert_eq!(replica.flush.execute(Flush::Coalesced).await.unwrap(), 0);
    let session = &replica.sessions(SessionFilter::Active).await[0];
    assert_eq!(session.last_activity_at, replica.world.clock.now());
}

#[tokio::test(start_paused = true)]
async fn the_last_flush_writes_everything() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    follow(&replica, 5).await;
    replica.admit(&in_session("a")).await.unwrap();
    assert_eq!(replica.flush.execute(Flush::Final).await.unwrap(), 1);
    let session = &replica.sessions(SessionFilter::Active).await[0];
    assert_eq!(session.last_activity_at, replica.world.clock.now());
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_written_is_written_later() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    follow(&replica, 5).await;
    replica.admit(&in_session("a")).await.unwrap();
    replica.world.store.fail_next(FaultKind::Unavailable);
    assert!(replica.flush.execute(Flush::Final).await.is_err());
    assert_eq!(replica.flush.execute(Flush::Final).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_session_is_a_login_and_a_known_one_is_not() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    let began = replica.world.clock.now();
    follow(&replica, 5).await;
    replica.admit(&in_session("a")).await.unwrap();
    replica.flush.execute(Flush::Coalesced).await.unwrap();
    let key = ProfileKey::User(person(1).user_id);
    let profile = replica.world.store.profiles().find(key).await.unwrap();
    assert_eq!(profile.unwrap().last_login_at, Some(began));
}
