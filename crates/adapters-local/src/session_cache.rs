//! Verdicts and ended sessions, in this process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use user_service_domain::cache::CacheError;
use user_service_domain::clock::Clock;
use user_service_domain::ids::UserId;
use user_service_domain::session::{AdmissionKey, Cached, SessionCache, TokenDigest, Verdict};
use user_service_telemetry::CacheMeasures;

/// How many verdicts are kept about a person: the oldest goes first.
const VERDICTS: usize = 64;
/// How many denials are kept for each person that is.
const DENIALS: u64 = 8;
/// No denial is kept for longer than ten years.
const LONGEST: Duration = Duration::from_hours(10 * 366 * 24);

/// A verdict and when it is to be forgotten.
struct Kept {
    token: Option<TokenDigest>,
    verdict: Verdict,
    until: DateTime<Utc>,
}

/// The verdicts about a person, the oldest first.
type Verdicts = Arc<Mutex<Vec<Kept>>>;

/// Keeps verdicts for a time to live, and denials as long as they are to last, of so many people; who was
/// asked for least recently goes first.
pub struct MemorySessionCache {
    clock: Arc<dyn Clock>,
    time_to_live: TimeDelta,
    people: Cache<UserId, Verdicts>,
    denials: Cache<(UserId, TokenDigest), Denial>,
    measures: CacheMeasures,
}

impl MemorySessionCache {
    /// For at most so many people.
    pub fn new(clock: Arc<dyn Clock>, people: u64, time_to_live: Duration) -> Self {
        Self {
            clock,
            time_to_live: TimeDelta::from_std(time_to_live).unwrap_or(TimeDelta::MAX),
            people: Cache::builder()
                .max_capacity(people)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(time_to_live.min(LONGEST))
                .build(),
            denials: Cache::builder()
                .max_capacity(people.saturating_mul(DENIALS))
                .eviction_policy(EvictionPolicy::lru())
                .expire_after(Lasting)
                .build(),
            measures: CacheMeasures::default(),
        }
    }

    /// Counts what it is asked.
    #[must_use]
    pub fn measured(self, measures: CacheMeasures) -> Self {
        Self { measures, ..self }
    }

    fn look_up(&self, key: &AdmissionKey) -> Cached {
        let now = self.clock.now();
        let denial = key
            .token
            .and_then(|token| self.denials.get(&(key.user_id, token)));
        if denial.is_some_and(|denial| denial.until > now) {
            return Cached::Denied;
        }
        let Some(verdicts) = self.people.get(&key.user_id) else {
            return Cached::Miss;
        };
        let verdicts = verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts
            .iter()
            .find(|kept| kept.token == key.token && kept.until > now)
            .map_or(Cached::Miss, |kept| Cached::Found(kept.verdict))
    }
}

#[async_trait]
impl SessionCache for MemorySessionCache {
    async fn get(&self, key: &AdmissionKey) -> Result<Cached, CacheError> {
        let found = self.look_up(key);
        self.measures.asked(found != Cached::Miss);
        Ok(found)
    }

    async fn put(&self, key: &AdmissionKey, verdict: &Verdict) -> Result<(), CacheError> {
        let now = self.clock.now();
        let verdicts = self.people.get_with(key.user_id, Verdicts::default);
        let mut verdicts = verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts.retain(|kept| kept.token != key.token && kept.until > now);
        if verdicts.len() >= VERDICTS {
            verdicts.remove(0);
        }
        verdicts.push(Kept {
            token: key.token,
            verdict: *verdict,
            until: now
                .checked_add_signed(self.time_to_live)
                .unwrap_or(DateTime::<Utc>::MAX_UTC),
        });
        Ok(())
    }

    async fn deny(
        &self,
        user_id: UserId,
        token: TokenDigest,
        until: DateTime<Utc>,
    ) -> Result<(), CacheError> {
        let Ok(lasts) = (until - self.clock.now()).to_std() else {
            return Ok(());
        };
        let denial = Denial {
            until,
            lasts: lasts.min(LONGEST),
        };
        self.denials
            .entry((user_id, token))
            .and_upsert_with(|before| match before.map(moka::Entry::into_value) {
                Some(longer) if longer.until > until => longer,
                _ => denial,
            });
        Ok(())
    }

    async fn forget(&self, user_id: UserId) -> Result<(), CacheError> {
        self.people.invalidate(&user_id);
        Ok(())
    }
}

/// That a session is denied.
#[derive(Clone, Copy, Debug)]
struct Denial {
    until: DateTime<Utc>,
    /// How long that was from when it was put.
    lasts: Duration,
}

/// Makes room once a denial is over.
struct Lasting;

impl Expiry<(UserId, TokenDigest), Denial> for Lasting {
    fn expire_after_create(
        &self,
        _: &(UserId, TokenDigest),
        denial: &Denial,
        _: Instant,
    ) -> Option<Duration> {
        Some(denial.lasts)
    }

    fn expire_after_update(
        &self,
        _: &(UserId, TokenDigest),
        denial: &Denial,
        _: Instant,
        before: Option<Duration>,
    ) -> Option<Duration> {
        Some(before.map_or(denial.lasts, |before| before.max(denial.lasts)))
    }
}
