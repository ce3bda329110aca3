//! How many sessions a person may have.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::join_all;
use user_service_application::UseCaseError;
use user_service_application::session::{NewSession, StartsFor};
use user_service_domain::clock::Clock;
use user_service_domain::profile::ProfileKey;
use user_service_domain::session::{Device, EndReason, SessionFilter, SessionState, SessionToken};

use crate::replica::{CAP, Replica, World, assert_session_ended, follow, in_session, person};

fn new(sid: &str) -> NewSession {
    NewSession {
        token: SessionToken::parse(sid).unwrap(),
        device: Device::default(),
        ip_address: None,
        user_agent: None,
        expires_at: person(1).expires_at,
        follows_tokens: true,
    }
}

#[tokio::test(start_paused = true)]
async fn the_oldest_session_goes_when_one_more_begins() {
    let world = World::new().await;
    let (one, other) = (Replica::of(&world).await, Replica::of(&world).await);
    for sid in ["a", "b", "c", "d"] {
        one.admit(&in_session(sid)).await.unwrap();
        world.clock.advance(TimeDelta::seconds(1));
    }
    assert_session_ended(one.admit(&in_session("a")).await);
    other.follow.read().await.unwrap();
    assert_session_ended(other.admit(&in_session("a")).await);
    other.admit(&in_session("b")).await.unwrap();
    let ended = one.sessions(SessionFilter::Ended).await;
    assert_eq!(ended.len(), 1);
    let SessionState::Ended(end) = ended[0].state(world.clock.now()) else {
        panic!("it has ended")
    };
    assert_eq!(end.reason, EndReason::Evicted);
}

#[tokio::test(start_paused = true)]
async fn many_starts_at_once_leave_exactly_the_cap() {
    let world = World::new().await;
    let replica = Arc::new(Replica::of(&world).await);
    let starts = (0..40).map(|n| {
        let replica = Arc::clone(&replica);
        tokio::spawn(async move {
            let key = ProfileKey::User(person(1).user_id);
            let new = new(&n.to_string());
            replica
                .start
                .execute(StartsFor::Token, key, &new, None)
                .await
                .unwrap();
            let active = replica.sessions(SessionFilter::Active).await.len();
            assert!(u32::try_from(active).unwrap() <= CAP);
        })
    });
    for done in join_all(starts).await {
        done.unwrap();
    }
    let active = replica.sessions(SessionFilter::Active).await.len();
    assert_eq!(u32::try_from(active).unwrap(), CAP);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_there_is_found_and_not_counted_twice() {
    let replica = Replica::of(&World::new().await).await;
    let key = ProfileKey::User(person(1).user_id);
    let start = async |new: &NewSession| {
        let on = StartsFor::Token;
        replica.start.execute(on, key, new, None).await
    };
    assert!(start(&new("a")).await.unwrap().is_new);
    let again = start(&new("a")).await.unwrap();
    assert!(!again.is_new);
    assert_eq!(replica.sessions(SessionFilter::All).await, [again.session]);
}

#[tokio::test(start_paused = true)]
async fn a_session_that_somebody_ended_does_not_begin_again() {
    let replica = Replica::of(&World::new().await).await;
    let key = ProfileKey::User(person(1).user_id);
    for sid in ["a", "b", "c", "d"] {
        replica.admit(&in_session(sid)).await.unwrap();
        follow(&replica, 1).await;
    }
    let answer = replica
        .start
        .execute(StartsFor::Token, key, &new("a"), None)
        .await;
    assert!(
        matches!(answer, Err(UseCaseError::SessionOver)),
        "{answer:?}"
    );
}
