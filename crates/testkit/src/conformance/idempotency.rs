//! Keys of requests that may be repeated.

use std::sync::Arc;

use chrono::TimeDelta;
use user_service_domain::idempotency::{Fingerprint, KeyDigest, KeyRecord, StoredResponse};
use user_service_domain::ids::ProfileId;
use user_service_domain::store::{Constraint, Store};

use super::support::{
    assert_conflict, assert_stale, found_key, micros, save, save_key, some_key, some_response,
    someone,
};

async fn complete(
    store: &dyn Store,
    key: KeyDigest,
    profile: ProfileId,
    response: &StoredResponse,
) {
    let mut work = store.begin().await.unwrap();
    work.idempotency_keys()
        .complete(key, profile, response)
        .await
        .unwrap();
    work.commit().await.unwrap();
}

async fn prune(store: &dyn Store, second: i64, limit: u32) -> u64 {
    let mut work = store.begin().await.unwrap();
    let now = micros(second * 1_000_000);
    let pruned = work.idempotency_keys().prune(now, limit).await.unwrap();
    work.commit().await.unwrap();
    pruned
}

/// A key is read back equal and without a response, times to the microsecond.
pub async fn a_new_key_is_read_back_without_a_response(store: Arc<dyn Store>) {
    let record = some_key();
    save_key(&*store, &record).await;
    assert_eq!(found_key(&*store, record.key).await, Some(record));
}

/// Digests are any bytes: zeros, ones and quotes are not special, and no byte is passed over.
pub async fn digests_are_any_bytes(store: Arc<dyn Store>) {
    for byte in [0, 0xff, b'\'', b'\\', b' '] {
        let mut last_differs = [byte; 32];
        last_differs[31] ^= 1;
        for bytes in [[byte; 32], last_differs] {
            let (key, fingerprint) = (KeyDigest(bytes), Fingerprint(bytes));
            let record = KeyRecord {
                key,
                fingerprint,
                ..some_key()
            };
            save_key(&*store, &record).await;
            assert_eq!(found_key(&*store, key).await, Some(record));
        }
    }
}

/// A key that was never seen is `None`.
pub async fn an_unknown_key_is_none(store: Arc<dyn Store>) {
    save_key(&*store, &some_key()).await;
    assert_eq!(found_key(&*store, some_key().key).await, None);
}

/// A key that is taken is `Conflict(IdempotencyKey)`, whatever body it comes with.
pub async fn a_taken_key_conflicts(store: Arc<dyn Store>) {
    let record = some_key();
    save_key(&*store, &record).await;
    for again in [
        record.clone(),
        KeyRecord {
            key: record.key,
            ..some_key()
        },
    ] {
        let mut work = store.begin().await.unwrap();
        let answer = work.idempotency_keys().insert(&again).await;
        assert_conflict(&answer, Constraint::IdempotencyKey);
    }
    assert_eq!(found_key(&*store, record.key).await, Some(record));
}

/// A completed key is read back with its response and otherwise as it was.
pub async fn a_completed_key_has_its_response(store: Arc<dyn Store>) {
    let (ana, record) = (someone(), some_key());
    save(&*store, std::slice::from_ref(&ana)).await;
    save_key(&*store, &record).await;
    complete(&*store, record.key, ana.id, &some_response()).await;
    let completed = KeyRecord {
        response: Some(some_response()),
        ..record
    };
    assert_eq!(found_key(&*store, completed.key).await, Some(completed));
}

/// A response without headers, and one with an empty body, are read back equal.
pub async fn a_bare_response_is_read_back_equal(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    for (status, body) in [(200, "{}"), (204, ""), (599, " \n")] {
        let response = StoredResponse {
            status,
            location: None,
            etag: None,
            body: body.to_owned(),
        };
        let record = some_key();
        save_key(&*store, &record).await;
        complete(&*store, record.key, ana.id, &response).await;
        let found = found_key(&*store, record.key).await.unwrap();
        assert_eq!(found.response, Some(response));
    }
}

/// A body of 60 KiB comes back, byte for byte.
pub async fn a_large_body_comes_back(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    for body in [
        r#"{"b": 1, "a":1.0}"#.to_owned(),
        "x".repeat(60 * 1024),
        "👩".repeat(15 * 1024),
    ] {
        let response = StoredResponse {
            body,
            ..some_response()
        };
        let record = some_key();
        save_key(&*store, &record).await;
        complete(&*store, record.key, ana.id, &response).await;
        let found = found_key(&*store, record.key).await.unwrap();
        assert!(found.response == Some(response), "the body changed");
    }
}

/// To complete a key that is gone is `Stale`.
pub async fn completing_a_missing_key_is_stale(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let mut work = store.begin().await.unwrap();
    let answer = work
        .idempotency_keys()
        .complete(some_key().key, ana.id, &some_response())
        .await;
    assert_stale(&answer);
}

/// A key, its profile and its response may be written by one unit of work.
pub async fn a_key_is_completed_where_it_was_inserted(store: Arc<dyn Store>) {
    let (ana, record) = (someone(), some_key());
    let mut work = store.begin().await.unwrap();
    work.idempotency_keys().insert(&record).await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    work.idempotency_keys()
        .complete(record.key, ana.id, &some_response())
        .await
        .unwrap();
    work.commit().await.unwrap();
    let found = found_key(&*store, record.key).await.unwrap();
    assert_eq!(found.response, Some(some_response()));
}

/// A forgotten key is gone and may be used anew; to forget what is absent is no error.
pub async fn a_forgotten_key_may_be_used_anew(store: Arc<dyn Store>) {
    let (record, other) = (some_key(), some_key());
    save_key(&*store, &record).await;
    save_key(&*store, &other).await;
    for _ in 0..2 {
        let mut work = store.begin().await.unwrap();
        work.idempotency_keys().delete(record.key).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(found_key(&*store, record.key).await, None);
    }
    let anew = KeyRecord {
        key: record.key,
        ..some_key()
    };
    save_key(&*store, &anew).await;
    assert_eq!(found_key(&*store, anew.key).await, Some(anew));
    assert_eq!(found_key(&*store, other.key).await, Some(other));
}

/// Pruning forgets the keys that expired before the moment, not at it, and answers how many.
pub async fn pruning_forgets_only_what_expired(store: Arc<dyn Store>) {
    let moment = micros(60_000_000);
    let expired = KeyRecord {
        expires_at: moment - TimeDelta::microseconds(1),
        ..some_key()
    };
    let due = KeyRecord {
        expires_at: moment,
        ..some_key()
    };
    let good = KeyRecord {
        expires_at: moment + TimeDelta::microseconds(1),
        ..some_key()
    };
    for record in [&expired, &due, &good] {
        save_key(&*store, record).await;
    }
    assert_eq!(prune(&*store, 60, 100).await, 1);
    assert_eq!(found_key(&*store, expired.key).await, None);
    assert_eq!(found_key(&*store, due.key).await, Some(due));
    assert_eq!(found_key(&*store, good.key).await, Some(good));
    assert_eq!(prune(&*store, 60, 100).await, 0);
}

/// Pruning forgets at most `limit` keys at a time and the rest later.
pub async fn pruning_stops_at_its_limit(store: Arc<dyn Store>) {
    for _ in 0..5 {
        save_key(
            &*store,
            &KeyRecord {
                expires_at: micros(0),
                ..some_key()
            },
        )
        .await;
    }
    let mut pruned = Vec::new();
    for _ in 0..4 {
        pruned.push(prune(&*store, 1, 2).await);
    }
    assert_eq!(pruned, [2, 2, 1, 0]);
}

/// Pruning forgets completed keys too, and leaves their profiles alone.
pub async fn pruning_leaves_profiles_alone(store: Arc<dyn Store>) {
    let (ana, record) = (
        someone(),
        KeyRecord {
            expires_at: micros(1),
            ..some_key()
        },
    );
    save(&*store, std::slice::from_ref(&ana)).await;
    save_key(&*store, &record).await;
    complete(&*store, record.key, ana.id, &some_response()).await;
    assert_eq!(prune(&*store, 1, 10).await, 1);
    assert_eq!(super::support::found(&*store, ana.id).await, Some(ana));
}
