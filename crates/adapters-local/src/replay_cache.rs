//! Given responses, in this process.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use user_service_domain::cache::CacheError;
use user_service_domain::clock::Clock;
use user_service_domain::idempotency::{Fingerprint, KeyDigest, ReplayCache, StoredResponse};
use user_service_domain::ids::ProfileId;

/// The bytes that an entry takes besides its texts, about.
const OVERHEAD: usize = 256;
/// Nothing is kept for longer than ten years.
const LONGEST: Duration = Duration::from_hours(10 * 366 * 24);

/// A response and when it is to be forgotten.
#[derive(Clone)]
struct Kept {
    fingerprint: Fingerprint,
    about: ProfileId,
    response: Arc<StoredResponse>,
    until: DateTime<Utc>,
}

/// Keeps responses for a time to live, in so many bytes of memory.
pub struct MemoryReplayCache {
    clock: Arc<dyn Clock>,
    time_to_live: TimeDelta,
    responses: Cache<KeyDigest, Kept>,
}

impl MemoryReplayCache {
    /// In about so many bytes.
    pub fn new(clock: Arc<dyn Clock>, bytes: u64, time_to_live: Duration) -> Self {
        Self {
            clock,
            time_to_live: TimeDelta::from_std(time_to_live).unwrap_or(TimeDelta::MAX),
            responses: Cache::builder()
                .max_capacity(bytes)
                .weigher(|_, kept: &Kept| weight(&kept.response))
                .time_to_live(time_to_live.min(LONGEST))
                .support_invalidation_closures()
                .build(),
        }
    }
}

fn weight(response: &StoredResponse) -> u32 {
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let bytes =
        OVERHEAD + response.body.len() + optional(&response.location) + optional(&response.etag);
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[async_trait]
impl ReplayCache for MemoryReplayCache {
    async fn get(
        &self,
        key: KeyDigest,
    ) -> Result<Option<(Fingerprint, StoredResponse)>, CacheError> {
        let now = self.clock.now();
        Ok(self
            .responses
            .get(&key)
            .filter(|kept| kept.until > now)
            .map(|kept| (kept.fingerprint, StoredResponse::clone(&kept.response))))
    }

    async fn put(
        &self,
        key: KeyDigest,
        fingerprint: Fingerprint,
        about: ProfileId,
        response: &StoredResponse,
    ) -> Result<(), CacheError> {
        let kept = Kept {
            fingerprint,
            about,
            response: Arc::new(response.clone()),
            until: self
                .clock
                .now()
                .checked_add_signed(self.time_to_live)
                .unwrap_or(DateTime::<Utc>::MAX_UTC),
        };
        self.responses.insert(key, kept);
        Ok(())
    }

    async fn forget(&self, about: ProfileId) -> Result<(), CacheError> {
        self.responses
            .invalidate_entries_if(move |_, kept| kept.about == about)
            .map_err(|error| CacheError(error.into()))?;
        // Else each profile that was ever removed would cost every reader a comparison until then.
        self.responses.run_pending_tasks();
        Ok(())
    }
}
