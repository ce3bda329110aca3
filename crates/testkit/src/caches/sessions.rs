//! Verdicts and denials.

use chrono::{DateTime, TimeDelta, Utc};
use user_service_domain::clock::Clock as _;
use user_service_domain::ids::{ProfileId, SessionId, UserId};
use user_service_domain::revocation::FeedPosition;
use user_service_domain::session::{
    Admission, AdmissionKey, Cached, Refusal, TokenDigest, Verdict,
};
use uuid::Uuid;

use super::Caches;

const TICK: TimeDelta = TimeDelta::microseconds(1);

fn someone() -> UserId {
    UserId::new(Uuid::new_v4())
}

fn some_token() -> TokenDigest {
    TokenDigest::of(&Uuid::new_v4().to_string())
}

/// A person with a session.
fn some_key() -> AdmissionKey {
    AdmissionKey {
        user_id: someone(),
        token: Some(some_token()),
    }
}

/// Admitted, different for each number.
fn verdict(n: u8) -> Verdict {
    Verdict {
        outcome: Ok(Admission {
            profile_id: Some(ProfileId::new(Uuid::from_u128(n.into()))),
            session_id: None,
            lapses_at: None,
            follows_tokens: false,
            issued_after: None,
        }),
        as_of: FeedPosition(n.into()),
    }
}

fn time_to_live() -> TimeDelta {
    TimeDelta::from_std(Caches::SESSION_TTL).unwrap()
}

async fn get(caches: &Caches, key: &AdmissionKey) -> Cached {
    caches.sessions.get(key).await.unwrap()
}

async fn put(caches: &Caches, key: &AdmissionKey, verdict: &Verdict) {
    caches.sessions.put(key, verdict).await.unwrap();
}

/// Denies the session of a key for so long.
async fn deny(caches: &Caches, key: &AdmissionKey, lasts: TimeDelta) {
    let until = caches.clock.now() + lasts;
    caches
        .sessions
        .deny(key.user_id, key.token.unwrap(), until)
        .await
        .unwrap();
}

/// What was never put is a miss, with a session and without.
pub async fn what_was_never_put_is_a_miss(caches: Caches) {
    let key = some_key();
    assert_eq!(get(&caches, &key).await, Cached::Miss);
    assert_eq!(
        get(&caches, &AdmissionKey { token: None, ..key }).await,
        Cached::Miss
    );
}

/// Every shape of a verdict comes back as it was put.
pub async fn a_verdict_comes_back_as_it_was_put(caches: Caches) {
    let moment = DateTime::<Utc>::from_timestamp_micros(1_767_225_599_999_999).unwrap();
    let full = Admission {
        profile_id: Some(ProfileId::new(Uuid::from_u128(u128::MAX))),
        session_id: Some(SessionId::new(Uuid::from_u128(1))),
        lapses_at: Some(moment),
        follows_tokens: true,
        issued_after: Some(DateTime::<Utc>::UNIX_EPOCH - TICK),
    };
    let bare = Admission {
        profile_id: None,
        session_id: None,
        lapses_at: None,
        follows_tokens: false,
        issued_after: None,
    };
    let outcomes = [
        Ok(full),
        Ok(bare),
        Ok(Admission {
            issued_after: None,
            profile_id: None,
            ..full
        }),
        Ok(Admission {
            lapses_at: None,
            follows_tokens: false,
            session_id: None,
            ..full
        }),
        Err(Refusal::SessionEnded),
        Err(Refusal::AccountInactive),
    ];
    for outcome in outcomes {
        for as_of in [0, 1, i64::MAX] {
            for token in [None, Some(some_token())] {
                let key = AdmissionKey {
                    user_id: someone(),
                    token,
                };
                let verdict = Verdict {
                    outcome,
                    as_of: FeedPosition(as_of),
                };
                put(&caches, &key, &verdict).await;
                assert_eq!(get(&caches, &key).await, Cached::Found(verdict));
            }
        }
    }
}

/// A verdict of the same key takes the place of the one before.
pub async fn a_later_verdict_replaces_an_earlier_one(caches: Caches) {
    let key = some_key();
    put(&caches, &key, &verdict(1)).await;
    put(&caches, &key, &verdict(2)).await;
    assert_eq!(get(&caches, &key).await, Cached::Found(verdict(2)));
}

/// Sessions of a person, the person without one, and other people are kept apart.
pub async fn each_key_has_a_verdict_of_its_own(caches: Caches) {
    let key = some_key();
    let keys = [
        key,
        AdmissionKey {
            token: Some(some_token()),
            ..key
        },
        AdmissionKey { token: None, ..key },
        AdmissionKey {
            user_id: someone(),
            ..key
        },
    ];
    for (n, key) in (1..).zip(&keys) {
        put(&caches, key, &verdict(n)).await;
    }
    for (n, key) in (1..).zip(&keys) {
        assert_eq!(get(&caches, key).await, Cached::Found(verdict(n)));
    }
}

/// A verdict is there until its time to live is over, and no longer.
pub async fn a_verdict_lives_for_its_time(caches: Caches) {
    let key = some_key();
    put(&caches, &key, &verdict(1)).await;
    caches.clock.advance(time_to_live() - TICK);
    assert_eq!(get(&caches, &key).await, Cached::Found(verdict(1)));
    caches.clock.advance(TICK);
    assert_eq!(get(&caches, &key).await, Cached::Miss);
}

/// A verdict that is put again lives anew; one that is not does not live longer with it.
pub async fn each_verdict_has_a_time_of_its_own(caches: Caches) {
    let (again, once) = (some_key(), some_token());
    let once = AdmissionKey {
        token: Some(once),
        ..again
    };
    put(&caches, &again, &verdict(1)).await;
    put(&caches, &once, &verdict(2)).await;
    caches.clock.advance(time_to_live() - TICK);
    put(&caches, &again, &verdict(3)).await;
    caches.clock.advance(TICK);
    assert_eq!(get(&caches, &once).await, Cached::Miss);
    assert_eq!(get(&caches, &again).await, Cached::Found(verdict(3)));
}

/// A person may come with any number of sessions; the last is kept.
pub async fn ever_new_sessions_are_no_error(caches: Caches) {
    let user_id = someone();
    for n in 0..200 {
        let key = AdmissionKey {
            user_id,
            token: Some(some_token()),
        };
        put(&caches, &key, &verdict(n)).await;
        assert_eq!(get(&caches, &key).await, Cached::Found(verdict(n)));
    }
}

/// A denied session is denied without a verdict, with one from before and with one from after.
pub async fn a_denied_session_is_denied_whatever_is_kept(caches: Caches) {
    let (bare, before) = (some_key(), some_key());
    put(&caches, &before, &verdict(1)).await;
    for key in [&bare, &before] {
        deny(&caches, key, TimeDelta::hours(1)).await;
        assert_eq!(get(&caches, key).await, Cached::Denied);
        put(&caches, key, &verdict(2)).await;
        assert_eq!(get(&caches, key).await, Cached::Denied);
    }
}

/// Other sessions of the person, the person without one, and the same token of somebody else are let be.
pub async fn one_session_alone_is_denied(caches: Caches) {
    let denied = some_key();
    deny(&caches, &denied, TimeDelta::hours(1)).await;
    for key in [
        AdmissionKey {
            token: Some(some_token()),
            ..denied
        },
        AdmissionKey {
            token: None,
            ..denied
        },
        AdmissionKey {
            user_id: someone(),
            ..denied
        },
    ] {
        assert_eq!(get(&caches, &key).await, Cached::Miss);
        put(&caches, &key, &verdict(1)).await;
        assert_eq!(get(&caches, &key).await, Cached::Found(verdict(1)));
    }
    assert_eq!(get(&caches, &denied).await, Cached::Denied);
}

/// A denial lasts until its moment, past the time to live of verdicts, and no longer.
pub async fn a_denial_lasts_until_its_moment(caches: Caches) {
    let key = some_key();
    let lasts = time_to_live() * 10;
    deny(&caches, &key, lasts).await;
    caches.clock.advance(lasts - TICK);
    assert_eq!(get(&caches, &key).await, Cached::Denied);
    caches.clock.advance(TICK);
    assert_eq!(get(&caches, &key).await, Cached::Miss);
}

/// A second denial makes the first longer, never shorter.
pub async fn the_longest_denial_counts(caches: Caches) {
    let key = some_key();
    deny(&caches, &key, TimeDelta::minutes(20)).await;
    deny(&caches, &key, TimeDelta::minutes(10)).await;
    caches.clock.advance(TimeDelta::minutes(15));
    assert_eq!(get(&caches, &key).await, Cached::Denied);
    deny(&caches, &key, TimeDelta::minutes(15)).await;
    caches.clock.advance(TimeDelta::minutes(10));
    assert_eq!(get(&caches, &key).await, Cached::Denied);
}

/// A moment that is past is no error, and denies nothing.
pub async fn a_denial_in_the_past_denies_nothing(caches: Caches) {
    let key = some_key();
    for lasts in [TimeDelta::zero(), -TICK, TimeDelta::days(-1000)] {
        deny(&caches, &key, lasts).await;
        assert_eq!(get(&caches, &key).await, Cached::Miss);
    }
    caches
        .sessions
        .deny(key.user_id, some_token(), DateTime::<Utc>::MIN_UTC)
        .await
        .unwrap();
}

/// A denial may last for ever.
pub async fn a_denial_may_last_very_long(caches: Caches) {
    let key = some_key();
    let until = DateTime::<Utc>::MAX_UTC;
    caches
        .sessions
        .deny(key.user_id, key.token.unwrap(), until)
        .await
        .unwrap();
    caches.clock.advance(TimeDelta::days(365));
    assert_eq!(get(&caches, &key).await, Cached::Denied);
}

/// Every verdict about a person is forgotten, whatever the session; those about others stay.
pub async fn a_person_is_forgotten_altogether(caches: Caches) {
    let (ana, other) = (someone(), some_key());
    let keys: Vec<_> = (0..10)
        .map(|n| AdmissionKey {
            user_id: ana,
            token: (n > 0).then(some_token),
        })
        .collect();
    for key in keys.iter().chain([&other]) {
        put(&caches, key, &verdict(1)).await;
    }
    caches.sessions.forget(ana).await.unwrap();
    for key in &keys {
        assert_eq!(get(&caches, key).await, Cached::Miss);
    }
    assert_eq!(get(&caches, &other).await, Cached::Found(verdict(1)));
}

/// What is put after a person was forgotten is kept.
pub async fn a_forgotten_person_may_be_remembered_anew(caches: Caches) {
    let key = some_key();
    put(&caches, &key, &verdict(1)).await;
    caches.sessions.forget(key.user_id).await.unwrap();
    put(&caches, &key, &verdict(2)).await;
    assert_eq!(get(&caches, &key).await, Cached::Found(verdict(2)));
}

/// The deny set stays when a person is forgotten.
pub async fn forgetting_a_person_denies_on(caches: Caches) {
    let key = some_key();
    put(&caches, &key, &verdict(1)).await;
    deny(&caches, &key, TimeDelta::hours(1)).await;
    caches.sessions.forget(key.user_id).await.unwrap();
    assert_eq!(get(&caches, &key).await, Cached::Denied);
}

/// Nobody is forgotten without an error.
pub async fn forgetting_a_stranger_is_no_error(caches: Caches) {
    caches.sessions.forget(someone()).await.unwrap();
}
