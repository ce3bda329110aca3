//! Given responses.

use chrono::TimeDelta;
use user_service_domain::idempotency::{Fingerprint, KeyDigest, StoredResponse};
use user_service_domain::ids::ProfileId;
use user_service_domain::session::TokenDigest;
use uuid::Uuid;

use super::Caches;

const TICK: TimeDelta = TimeDelta::microseconds(1);
const FINGERPRINT: Fingerprint = Fingerprint([0xf0; 32]);

fn some_key() -> KeyDigest {
    KeyDigest(TokenDigest::of(&Uuid::new_v4().to_string()).0)
}

fn some_profile() -> ProfileId {
    ProfileId::new(Uuid::new_v4())
}

fn response(body: &str) -> StoredResponse {
    StoredResponse {
        status: 201,
        location: Some("/api/v1/users/1".to_owned()),
        etag: Some("\"1\"".to_owned()),
        body: body.to_owned(),
    }
}

async fn get(caches: &Caches, key: KeyDigest) -> Option<(Fingerprint, StoredResponse)> {
    caches.replays.get(key).await.unwrap()
}

async fn put(caches: &Caches, key: KeyDigest, about: ProfileId, response: &StoredResponse) {
    caches
        .replays
        .put(key, FINGERPRINT, about, response)
        .await
        .unwrap();
}

/// What was never put is `None`.
pub async fn what_was_never_put_is_none(caches: Caches) {
    assert_eq!(get(&caches, some_key()).await, None);
}

/// A response comes back as it was put, with its fingerprint: bare, with every header, and large.
pub async fn a_response_comes_back_with_its_fingerprint(caches: Caches) {
    let bare = StoredResponse {
        status: 204,
        location: None,
        etag: None,
        body: String::new(),
    };
    let large = "🦀\"\\\u{0}".repeat(20_000);
    for response in [bare, response(r#"{"name":"Ana"}"#), response(&large)] {
        let key = some_key();
        let fingerprint = Fingerprint(some_key().0);
        caches
            .replays
            .put(key, fingerprint, some_profile(), &response)
            .await
            .unwrap();
        assert_eq!(get(&caches, key).await, Some((fingerprint, response)));
    }
}

/// Keys are any bytes, and none is taken for another.
pub async fn each_key_has_a_response_of_its_own(caches: Caches) {
    let (about, first) = (some_profile(), some_key());
    let mut second = first;
    second.0[31] ^= 1;
    put(&caches, first, about, &response("1")).await;
    assert_eq!(get(&caches, second).await, None);
    put(&caches, second, about, &response("2")).await;
    assert_eq!(
        get(&caches, first).await,
        Some((FINGERPRINT, response("1")))
    );
    assert_eq!(
        get(&caches, second).await,
        Some((FINGERPRINT, response("2")))
    );
}

/// A response is there until its time to live is over, and no longer.
pub async fn a_response_lives_for_its_time(caches: Caches) {
    let key = some_key();
    put(&caches, key, some_profile(), &response("1")).await;
    caches
        .clock
        .advance(TimeDelta::from_std(Caches::REPLAY_TTL).unwrap() - TICK);
    assert_eq!(get(&caches, key).await, Some((FINGERPRINT, response("1"))));
    caches.clock.advance(TICK);
    assert_eq!(get(&caches, key).await, None);
}

/// Every response about a profile is forgotten; those about others stay.
pub async fn a_profile_is_forgotten_altogether(caches: Caches) {
    let (ana, other) = (some_profile(), some_key());
    let keys: Vec<_> = (0..20).map(|_| some_key()).collect();
    for key in &keys {
        put(&caches, *key, ana, &response("1")).await;
    }
    put(&caches, other, some_profile(), &response("2")).await;
    caches.replays.forget(ana).await.unwrap();
    for key in keys {
        assert_eq!(get(&caches, key).await, None);
    }
    assert_eq!(
        get(&caches, other).await,
        Some((FINGERPRINT, response("2")))
    );
}

/// What is put after its profile was forgotten is kept, and forgotten again.
pub async fn a_profile_may_be_forgotten_again(caches: Caches) {
    let (about, first, second) = (some_profile(), some_key(), some_key());
    put(&caches, first, about, &response("1")).await;
    caches.replays.forget(about).await.unwrap();
    put(&caches, second, about, &response("2")).await;
    assert_eq!(get(&caches, first).await, None);
    assert_eq!(
        get(&caches, second).await,
        Some((FINGERPRINT, response("2")))
    );
    caches.replays.forget(about).await.unwrap();
    assert_eq!(get(&caches, second).await, None);
}

/// A profile without responses is forgotten without an error.
pub async fn forgetting_a_stranger_is_no_error(caches: Caches) {
    caches.replays.forget(some_profile()).await.unwrap();
}
