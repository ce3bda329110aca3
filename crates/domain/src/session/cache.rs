//! A cache of verdicts.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{AdmissionKey, TokenDigest, Verdict};
use crate::cache::CacheError;
use crate::ids::UserId;

/// What a cache says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cached {
    /// Nothing.
    Miss,
    /// The session is in the deny set: it was ended, and is not to be let in again.
    Denied,
    /// A verdict.
    Found(Verdict),
}

/// Remembers verdicts for a while, and ended sessions for as long as their tokens live.
///
/// It is never the source of truth: it may forget anything at any time, and whoever asks checks `as_of`.
#[async_trait]
pub trait SessionCache: Send + Sync {
    /// MUST say `Denied` for a denied session whatever else is kept. A verdict MUST come back as it was put.
    async fn get(&self, key: &AdmissionKey) -> Result<Cached, CacheError>;

    /// Keeps a verdict until its time to live is over; replaces the one of the same key.
    async fn put(&self, key: &AdmissionKey, verdict: &Verdict) -> Result<(), CacheError>;

    /// Puts a session of a person into the deny set until `until`; a moment that is past is no error.
    async fn deny(
        &self,
        user_id: UserId,
        token: TokenDigest,
        until: DateTime<Utc>,
    ) -> Result<(), CacheError>;

    /// Forgets every verdict about a person, whatever the session. The deny set stays.
    async fn forget(&self, user_id: UserId) -> Result<(), CacheError>;
}
