//! Remembers what was found out about a token.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Principal, TokenError, TokenVerifier};
use user_service_telemetry::CacheMeasures;

/// How much is remembered, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// How many tokens, at most; as many again that were refused.
    pub tokens: u64,
    /// How long a bearer is remembered, at most; never past the token's `exp`.
    pub bearers: Duration,
    /// How long a refusal is remembered; zero is not at all.
    pub refusals: Duration,
}

/// The age of what tokens are verified with. What was remembered in an earlier one counts no longer.
#[derive(Clone, Debug, Default)]
pub struct Epoch(Arc<AtomicU64>);

impl Epoch {
    /// Begins the next.
    pub fn advance(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Spares a verifier tokens that it saw shortly before. A token is known by its SHA-256 alone. That nobody could be
/// asked is never remembered.
pub struct Remembering {
    inner: Arc<dyn TokenVerifier>,
    clock: Arc<dyn Clock>,
    epoch: Epoch,
    bearers: Kept<Principal>,
    /// Apart, so that a flood of forged tokens drives out no good one.
    refusals: Kept<&'static str>,
    measures: CacheMeasures,
}

impl Remembering {
    /// Before this verifier, whose epoch it is.
    pub fn new(
        inner: Arc<dyn TokenVerifier>,
        clock: Arc<dyn Clock>,
        memory: Memory,
        epoch: Epoch,
    ) -> Self {
        Self {
            inner,
            clock,
            epoch,
            bearers: Kept::new(memory.tokens, memory.bearers),
            refusals: Kept::new(memory.tokens, memory.refusals),
            measures: CacheMeasures::default(),
        }
    }

    /// Counts what it is asked.
    #[must_use]
    pub fn measured(self, measures: CacheMeasures) -> Self {
        Self { measures, ..self }
    }
}

#[async_trait]
impl TokenVerifier for Remembering {
    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        let key: Key = Sha256::digest(token.as_bytes()).into();
        let (epoch, now) = (self.epoch.now(), self.clock.now());
        if let Some(principal) = self.bearers.get(&key, epoch, now) {
            self.measures.hit();
            return Ok(principal);
        }
        if let Some(reason) = self.refusals.get(&key, epoch, now) {
            self.measures.hit();
            return Err(TokenError::Invalid(reason));
        }
        self.measures.miss();
        let found = self.inner.verify(token).await;
        match &found {
            Ok(bearer) => {
                self.bearers
                    .put(key, epoch, now, bearer.expires_at, bearer.clone());
            }
            Err(TokenError::Invalid(reason)) => {
                self.refusals
                    .put(key, epoch, now, DateTime::<Utc>::MAX_UTC, reason);
            }
            Err(TokenError::Unavailable(_)) => (),
        }
        found
    }
}

type Key = [u8; 32];

/// Things kept for a while.
struct Kept<T> {
    cache: Cache<Key, Remembered<T>>,
    span: TimeDelta,
}

#[derive(Clone)]
struct Remembered<T> {
    what: T,
    epoch: u64,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl<T: Clone + Send + Sync + 'static> Kept<T> {
    fn new(capacity: u64, span: Duration) -> Self {
        Self {
            cache: Cache::builder()
                .max_capacity(capacity)
                .time_to_live(span)
                .build(),
            span: TimeDelta::from_std(span).unwrap_or(TimeDelta::zero()),
        }
    }

    fn get(&self, key: &Key, epoch: u64, now: DateTime<Utc>) -> Option<T> {
        let kept = self.cache.get(key)?;
        // A clock that was set back must not prolong anything.
        (kept.epoch == epoch && (kept.since..kept.until).contains(&now)).then_some(kept.what)
    }

    fn put(&self, key: Key, epoch: u64, now: DateTime<Utc>, end: DateTime<Utc>, what: T) {
        let until = end.min(now + self.span);
        if until > now {
            let kept = Remembered {
                what,
                epoch,
                since: now,
                until,
            };
            self.cache.insert(key, kept);
        }
    }
}
