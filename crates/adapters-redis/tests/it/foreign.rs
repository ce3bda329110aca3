//! What others put into Redis, and how long what we put there stays.

use redis::{Commands as _, Connection};
use user_service_adapters_redis::RedisPool;
use user_service_domain::idempotency::{Fingerprint, KeyDigest, StoredResponse};
use user_service_domain::ids::ProfileId;
use user_service_domain::session::{AdmissionKey, Cached, TokenDigest};
use user_service_testdb::TestRedis;
use user_service_testkit::caches::Caches;
use uuid::Uuid;

use crate::support::{caches, patient, some_key, some_notice, some_verdict};

struct Place {
    redis: TestRedis,
    caches: Caches,
    foreign: Connection,
}

impl Place {
    fn fresh() -> Self {
        let redis = TestRedis::new();
        let pool = RedisPool::open(redis.url(), patient(redis.prefix())).unwrap();
        let foreign = redis::Client::open(redis.url()).unwrap();
        Self {
            caches: caches(&pool),
            foreign: foreign.get_connection().unwrap(),
            redis,
        }
    }

    fn verdicts(&self, key: &AdmissionKey) -> String {
        format!("{}{{{}}}:verdicts", self.redis.prefix(), key.user_id)
    }

    fn denial(&self, key: &AdmissionKey) -> String {
        let token = key.token.unwrap();
        format!("{}{{{}}}:deny:{token}", self.redis.prefix(), key.user_id)
    }

    async fn get(&self, key: &AdmissionKey) -> Cached {
        self.caches.sessions.get(key).await.unwrap()
    }

    /// How long each key lives, in milliseconds.
    fn lifetimes(&mut self) -> Vec<(String, i64)> {
        let keys: Vec<String> = self
            .foreign
            .keys(format!("{}*", self.redis.prefix()))
            .unwrap();
        keys.into_iter()
            .map(|key| {
                let lifetime = self.foreign.pttl::<_, i64>(&key).unwrap();
                (key, lifetime)
            })
            .collect()
    }
}

const GARBAGE: [&[u8]; 5] = [b"", b"\xff\x00", b"null", b"{\"v\":1}", &[b'['; 100_000]];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_verdict_is_a_miss() {
    let mut place = Place::fresh();
    let key = some_key();
    let (name, field) = (place.verdicts(&key), key.token.unwrap().to_string());
    for garbage in GARBAGE {
        let _: () = place.foreign.hset(&name, &field, garbage).unwrap();
        assert_eq!(place.get(&key).await, Cached::Miss);
    }
    let sessions = &place.caches.sessions;
    sessions.put(&key, &some_verdict()).await.unwrap();
    assert_eq!(place.get(&key).await, Cached::Found(some_verdict()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_another_type_is_a_miss_until_it_is_forgotten() {
    let mut place = Place::fresh();
    let key = some_key();
    let _: () = place.foreign.set(place.verdicts(&key), "x").unwrap();
    assert_eq!(place.get(&key).await, Cached::Miss);
    let sessions = &place.caches.sessions;
    sessions.put(&key, &some_verdict()).await.unwrap_err();
    sessions.forget(key.user_id).await.unwrap();
    sessions.put(&key, &some_verdict()).await.unwrap();
    assert_eq!(place.get(&key).await, Cached::Found(some_verdict()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_denial_denies() {
    let mut place = Place::fresh();
    let key = some_key();
    let sessions = &place.caches.sessions;
    sessions.put(&key, &some_verdict()).await.unwrap();
    let name = place.denial(&key);
    for garbage in GARBAGE {
        let _: () = place.foreign.set(&name, garbage).unwrap();
        assert_eq!(place.get(&key).await, Cached::Denied);
    }
    let _: () = place.foreign.del(&name).unwrap();
    let _: () = place.foreign.lpush(&name, 1).unwrap();
    assert_eq!(place.get(&key).await, Cached::Denied);
    let _: () = place.foreign.del(&name).unwrap();
    assert_eq!(place.get(&key).await, Cached::Found(some_verdict()));
}

fn response() -> StoredResponse {
    StoredResponse {
        status: 201,
        location: None,
        etag: None,
        body: "{}".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_response_is_none() {
    let mut place = Place::fresh();
    let name = format!("{}replay:{}", place.redis.prefix(), "07".repeat(32));
    let key = KeyDigest([7; 32]);
    for garbage in GARBAGE {
        let _: () = place.foreign.set(&name, garbage).unwrap();
        assert_eq!(place.caches.replays.get(key).await.unwrap(), None);
    }
    let _: () = place.foreign.del(&name).unwrap();
    let _: () = place.foreign.lpush(&name, 1).unwrap();
    assert_eq!(place.caches.replays.get(key).await.unwrap(), None);
    let about = ProfileId::new(Uuid::new_v4());
    let replays = &place.caches.replays;
    replays
        .put(key, Fingerprint([1; 32]), about, &response())
        .await
        .unwrap();
    let found = replays.get(key).await.unwrap();
    assert_eq!(found, Some((Fingerprint([1; 32]), response())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_message_is_passed_over() {
    let mut place = Place::fresh();
    let mut heard = place.caches.bus.subscribe().await.unwrap();
    let channel = format!("{}revocations", place.redis.prefix());
    for garbage in GARBAGE {
        let _: () = place.foreign.publish(&channel, garbage).unwrap();
    }
    let notice = some_notice();
    place.caches.bus.publish(&[notice]).await.unwrap();
    assert_eq!(heard.next().await, Some(notice));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_has_an_end() {
    let mut place = Place::fresh();
    let (key, caches) = (some_key(), place.caches.clone());
    let until =
        user_service_domain::clock::Clock::now(&*caches.clock) + chrono::TimeDelta::hours(1);
    let (token, about) = (key.token.unwrap(), ProfileId::new(Uuid::new_v4()));
    caches.sessions.put(&key, &some_verdict()).await.unwrap();
    caches
        .sessions
        .deny(key.user_id, token, until)
        .await
        .unwrap();
    caches
        .replays
        .put(KeyDigest([7; 32]), Fingerprint([1; 32]), about, &response())
        .await
        .unwrap();
    let lifetimes = place.lifetimes();
    assert_eq!(lifetimes.len(), 4, "{lifetimes:?}");
    for (name, lifetime) in lifetimes {
        let longest = if name.ends_with(":verdicts") {
            60_000
        } else if name.contains(":deny:") {
            3_600_000
        } else {
            600_000
        };
        assert!(
            (longest - 30_000..=longest).contains(&lifetime),
            "{name}: {lifetime}"
        );
    }
    caches.sessions.forget(key.user_id).await.unwrap();
    caches.replays.forget(about).await.unwrap();
    let left: Vec<_> = place
        .lifetimes()
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(left, [place.denial(&key)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_of_a_person_is_bounded() {
    let mut place = Place::fresh();
    let key = some_key();
    for n in 0..200 {
        let key = AdmissionKey {
            token: Some(TokenDigest::of(&n.to_string())),
            ..key
        };
        let sessions = &place.caches.sessions;
        sessions.put(&key, &some_verdict()).await.unwrap();
        let kept: usize = place.foreign.hlen(place.verdicts(&key)).unwrap();
        assert!(kept <= 64, "{kept}");
    }
}
