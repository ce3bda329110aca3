//! Who is let in.

use chrono::TimeDelta;
use user_service_application::UseCaseError;
use user_service_domain::clock::Clock;
use user_service_domain::identity::Principal;
use user_service_domain::profile::ProfileKey;
use user_service_domain::revocation::{NewFeedEntry, Revocation};
use user_service_domain::session::SessionFilter;
use user_service_domain::store::Store;
use user_service_testkit::FaultKind;

use crate::replica::{
    Replica, World, assert_account_ended, follow, in_session, issued, person, stranger,
};

/// The store is away for the next call.
fn store_fails(replica: &Replica) {
    replica.world.store.fail_next(FaultKind::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn a_bearer_without_a_profile_is_let_in_and_has_no_session() {
    let replica = Replica::of(&World::new().await).await;
    let bearer = Principal {
        user_id: stranger(),
        ..in_session("a")
    };
    replica.admit(&bearer).await.unwrap();
    assert!(replica.sessions(SessionFilter::All).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_first_sight_of_a_session_starts_it_and_the_second_asks_nobody() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    store_fails(&replica);
    replica.admit(&in_session("a")).await.unwrap();
    assert!(replica.world.store.ping().await.is_err(), "nobody asked");
    let sessions = replica.sessions(SessionFilter::Active).await;
    assert_eq!(sessions.len(), 1);
    assert!(sessions[0].follows_tokens);
    assert_eq!(sessions[0].expires_at, in_session("a").expires_at);
}

#[tokio::test(start_paused = true)]
async fn without_tracking_no_session_begins() {
    let replica = Replica::tracking(&World::new().await, false).await;
    replica.admit(&in_session("a")).await.unwrap();
    store_fails(&replica);
    replica.admit(&in_session("a")).await.unwrap();
    assert!(replica.world.store.ping().await.is_err(), "nobody asked");
    assert!(replica.sessions(SessionFilter::All).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_remembered_is_trusted_while_the_feed_is_not_read() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    replica.wait(1).await;
    store_fails(&replica);
    let answer = replica.admit(&in_session("a")).await;
    assert!(
        matches!(answer, Err(UseCaseError::Unavailable(_))),
        "{answer:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_another_replica_did_holds_here_once_the_feed_is_read() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    replica.change(|profile| profile.is_active = false).await;
    let mut work = replica.world.store.begin().await.unwrap();
    let entry = NewFeedEntry {
        user_id: person(1).user_id,
        at: replica.world.clock.now(),
        revocation: Revocation::AccountDeactivated,
    };
    work.revocations().append(&[entry]).await.unwrap();
    work.commit().await.unwrap();
    replica.admit(&in_session("a")).await.unwrap();
    replica.follow.read().await.unwrap();
    assert_account_ended(replica.admit(&in_session("a")).await);
    assert_account_ended(replica.admit(&person(1)).await);
    // A refusal is remembered, too.
    store_fails(&replica);
    assert_account_ended(replica.admit(&person(1)).await);
    assert!(replica.world.store.ping().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn tokens_of_a_removed_account_are_refused_and_later_ones_are_not() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    follow(&replica, 10).await;
    let removed_at = replica.world.clock.now();
    let mut work = replica.world.store.begin().await.unwrap();
    let key = ProfileKey::User(person(1).user_id);
    let profile = work.profiles().find_for_update(key).await.unwrap().unwrap();
    work.profiles().delete(profile.id).await.unwrap();
    let entry = NewFeedEntry {
        user_id: profile.user_id,
        at: removed_at,
        revocation: Revocation::AccountRemoved,
    };
    work.revocations().append(&[entry]).await.unwrap();
    work.commit().await.unwrap();
    replica.follow.read().await.unwrap();
    let second = TimeDelta::seconds(1);
    for _ in 0..2 {
        assert_account_ended(replica.admit(&in_session("a")).await);
        assert_account_ended(replica.admit(&issued(&person(1), removed_at)).await);
        let unknown = Principal {
            issued_at: None,
            ..person(1)
        };
        assert_account_ended(replica.admit(&unknown).await);
        let later = issued(&person(1), removed_at + second);
        replica.admit(&later).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_bearer_is_let_in_when_their_session_cannot_be_started_and_it_is_tried_again() {
    let replica = Replica::of(&World::new().await).await;
    // What is known is read, and then nothing can be written.
    replica.world.store.fail_after(1, FaultKind::Unavailable);
    replica.admit(&in_session("a")).await.unwrap();
    assert!(replica.sessions(SessionFilter::All).await.is_empty());
    replica.admit(&in_session("a")).await.unwrap();
    assert_eq!(replica.sessions(SessionFilter::Active).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lapsed_session_is_taken_up_by_a_newer_token() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    follow(&replica, 2 * 3600).await;
    assert!(replica.sessions(SessionFilter::Active).await.is_empty());
    let newer = Principal {
        expires_at: replica.world.clock.now() + TimeDelta::hours(1),
        ..in_session("a")
    };
    // What was remembered has lapsed with its time to live.
    replica.admit(&newer).await.unwrap();
    let sessions = replica.sessions(SessionFilter::All).await;
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0].expires_at, newer.expires_at);
    assert_eq!(sessions[0].ended, None);
}
