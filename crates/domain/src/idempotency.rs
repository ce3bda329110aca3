//! Requests that are safe to repeat (draft-ietf-httpapi-idempotency-key-header).

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::cache::CacheError;
use crate::ids::ProfileId;
use crate::store::StoreError;

/// The longest key, in characters.
const MAX_KEY: usize = 255;

/// The key in an `Idempotency-Key` header: 1 to 255 visible ASCII characters other than quotes. Quotes around it do not
/// belong to it; with and without, it is the same key.
pub fn key_in(header: &str) -> Option<&str> {
    let value = header.trim();
    let key = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    let visible = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    ((1..=MAX_KEY).contains(&key.len()) && key.bytes().all(visible)).then_some(key)
}

/// SHA-256 of caller, route and key: no key is stored in plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyDigest(pub [u8; 32]);

/// SHA-256 of the request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

/// A response as it was first given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResponse {
    /// The HTTP status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `ETag` header, with its quotes.
    pub etag: Option<String>,
    /// The body, JSON.
    pub body: String,
}

/// A key that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The key.
    pub key: KeyDigest,
    /// The body it came with.
    pub fingerprint: Fingerprint,
    /// When the request began.
    pub created_at: DateTime<Utc>,
    /// When the record may be forgotten.
    pub expires_at: DateTime<Utc>,
    /// `None` while the first request is under way.
    pub response: Option<StoredResponse>,
}

/// Remembers keys within a unit of work.
#[async_trait]
pub trait IdempotencyKeys: Send {
    /// Absent is `None`. Keeps others from changing the record until the unit of work ends.
    async fn find_for_update(&mut self, key: KeyDigest) -> Result<Option<KeyRecord>, StoreError>;

    /// Stores a key without a response. MUST return `Conflict(IdempotencyKey)` when it is taken.
    async fn insert(&mut self, record: &KeyRecord) -> Result<(), StoreError>;

    /// Adds the response; the record goes when the profile goes. MUST return `Stale` when the key is gone.
    async fn complete(
        &mut self,
        key: KeyDigest,
        profile: ProfileId,
        response: &StoredResponse,
    ) -> Result<(), StoreError>;

    /// Forgets a key; absent is no error.
    async fn delete(&mut self, key: KeyDigest) -> Result<(), StoreError>;

    /// Forgets at most `limit` keys that expired before `now`. Answers how many.
    async fn prune(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;
}

/// Remembers given responses, so that most repetitions ask no store. The store has them all.
#[async_trait]
pub trait ReplayCache: Send + Sync {
    /// A response that was put, with the body that it answered. Absent, or past its time, is `None`.
    async fn get(
        &self,
        key: KeyDigest,
    ) -> Result<Option<(Fingerprint, StoredResponse)>, CacheError>;

    /// Keeps a response about a profile until its time to live is over.
    async fn put(
        &self,
        key: KeyDigest,
        fingerprint: Fingerprint,
        about: ProfileId,
        response: &StoredResponse,
    ) -> Result<(), CacheError>;

    /// Forgets every response about a profile: it was removed.
    async fn forget(&self, about: ProfileId) -> Result<(), CacheError>;
}
