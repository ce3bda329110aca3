//! Sessions that are ended.

use chrono::TimeDelta;
use user_service_application::UseCaseError;
use user_service_application::session::Which;
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Principal};
use user_service_domain::ids::SessionId;
use user_service_domain::profile::ProfileKey;
use user_service_domain::session::{EndReason, SessionFilter};
use uuid::Uuid;

use crate::replica::{Replica, World, assert_session_ended, follow, in_session, person, stranger};

fn own() -> ProfileKey {
    ProfileKey::User(person(1).user_id)
}

#[tokio::test(start_paused = true)]
async fn an_ended_session_is_refused_here_at_once_and_elsewhere_after_the_feed() {
    let world = World::new().await;
    let (one, other) = (Replica::of(&world).await, Replica::of(&world).await);
    for replica in [&one, &other] {
        replica.admit(&in_session("a")).await.unwrap();
        replica.admit(&in_session("b")).await.unwrap();
    }
    let caller = Caller::Known(in_session("a"));
    one.revoke
        .execute(&caller, own(), Which::Current)
        .await
        .unwrap();
    assert_session_ended(one.admit(&in_session("a")).await);
    other.follow.read().await.unwrap();
    assert_session_ended(other.admit(&in_session("a")).await);
    other.admit(&in_session("b")).await.unwrap();
    let ended = one.sessions(SessionFilter::Ended).await;
    assert_eq!(ended[0].ended.unwrap().reason, EndReason::Logout);
}

#[tokio::test(start_paused = true)]
async fn a_notice_empties_the_memory_before_the_feed_is_read() {
    let world = World::new().await;
    let (one, other) = (Replica::of(&world).await, Replica::of(&world).await);
    for replica in [&one, &other] {
        replica.admit(&in_session("a")).await.unwrap();
    }
    let caller = Caller::Known(in_session("a"));
    one.revoke
        .execute(&caller, own(), Which::Current)
        .await
        .unwrap();
    other.announcer.heard(person(1).user_id).await;
    assert_session_ended(other.admit(&in_session("a")).await);
}

#[tokio::test(start_paused = true)]
async fn another_session_than_the_callers_is_revoked_and_ending_it_twice_is_no_error() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    let id = replica.sessions(SessionFilter::Active).await[0].id;
    let caller = Caller::Known(in_session("b"));
    for _ in 0..2 {
        replica
            .revoke
            .execute(&caller, own(), Which::Id(id))
            .await
            .unwrap();
    }
    let ended = replica.sessions(SessionFilter::Ended).await;
    assert_eq!(ended[0].ended.unwrap().reason, EndReason::Revoked);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_or_not_the_callers_is_not_ended() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    let caller = Caller::Known(person(1));
    for which in [
        Which::Current,
        Which::Id(SessionId::new(Uuid::from_u128(7))),
    ] {
        let answer = replica.revoke.execute(&caller, own(), which).await;
        assert!(
            matches!(answer, Err(UseCaseError::SessionNotFound)),
            "{answer:?}"
        );
    }
    let stranger = Caller::Known(Principal {
        user_id: stranger(),
        ..in_session("a")
    });
    let answer = replica
        .revoke
        .execute(&stranger, own(), Which::Current)
        .await;
    assert!(
        matches!(answer, Err(UseCaseError::Forbidden(_))),
        "{answer:?}"
    );
    let answer = replica.revoke_all.execute(&stranger, own(), false).await;
    assert!(
        matches!(answer, Err(UseCaseError::Forbidden(_))),
        "{answer:?}"
    );
    replica.admit(&in_session("a")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn all_others_end_and_the_current_one_goes_on() {
    let replica = Replica::of(&World::new().await).await;
    for sid in ["a", "b", "c"] {
        replica.admit(&in_session(sid)).await.unwrap();
    }
    let caller = Caller::Known(in_session("b"));
    let ended = replica.revoke_all.execute(&caller, own(), true).await;
    assert_eq!(ended.unwrap(), 2);
    replica.admit(&in_session("b")).await.unwrap();
    assert_session_ended(replica.admit(&in_session("a")).await);
    let ended = replica.revoke_all.execute(&caller, own(), false).await;
    assert_eq!(ended.unwrap(), 1);
    assert_session_ended(replica.admit(&in_session("b")).await);
    let ended = replica.revoke_all.execute(&caller, own(), false).await;
    assert_eq!(ended.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_only_lapsed_is_not_taken_up_again_after_all_were_ended() {
    let replica = Replica::of(&World::new().await).await;
    replica.admit(&in_session("a")).await.unwrap();
    follow(&replica, 2 * 3600).await;
    let caller = Caller::Known(person(1));
    let ended = replica.revoke_all.execute(&caller, own(), false).await;
    assert_eq!(ended.unwrap(), 0, "none was active");
    let newer = Principal {
        expires_at: replica.world.clock.now() + TimeDelta::hours(1),
        ..in_session("a")
    };
    assert_session_ended(replica.admit(&newer).await);
}
