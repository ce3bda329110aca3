//! Activity is remembered here and written down later, many sessions at a time.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Utc};
use user_service_domain::clock::Clock;
use user_service_domain::ids::{ProfileId, SessionId};
use user_service_domain::session::{Flush, Login, Touch};
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::retry::retrying;

/// How long the uses of one session are gathered before one row is written.
const WINDOW: Duration = Duration::minutes(1);

const SHARDS: usize = 16;

/// The uses of a session since it was last written.
#[derive(Clone, Copy, Debug)]
struct Pending {
    /// The first of them.
    since: DateTime<Utc>,
    latest: Touch,
}

/// Remembers which sessions were used and who signed in. Costs the request no I/O.
#[derive(Debug, Default)]
pub struct ActivityRecorder {
    touches: [Mutex<HashMap<SessionId, Pending>>; SHARDS],
    logins: Mutex<HashMap<ProfileId, DateTime<Utc>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ActivityRecorder {
    /// A session was used.
    pub(crate) fn touch(&self, touch: Touch) {
        self.gather(Pending {
            since: touch.at,
            latest: touch,
        });
    }

    /// A person signed in.
    pub(crate) fn log_in(&self, login: Login) {
        let mut logins = lock(&self.logins);
        let at = logins.entry(login.profile_id).or_insert(login.at);
        *at = login.at.max(*at);
    }

    fn gather(&self, pending: Pending) {
        let mut hasher = DefaultHasher::new();
        pending.latest.session_id.hash(&mut hasher);
        let shard = usize::try_from(hasher.finish() % 16).unwrap_or_default();
        let Some(shard) = self.touches.get(shard) else {
            return;
        };
        match lock(shard).entry(pending.latest.session_id) {
            Entry::Vacant(entry) => {
                entry.insert(pending);
            }
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                known.since = known.since.min(pending.since);
                known.latest.at = known.latest.at.max(pending.latest.at);
                let expires_at = &mut known.latest.token_expires_at;
                *expires_at = pending.latest.token_expires_at.max(*expires_at);
            }
        }
    }

    /// Takes out what has been gathered for a window, or everything; by session.
    fn take(&self, now: DateTime<Utc>, flush: Flush) -> Vec<Pending> {
        let mut taken = Vec::new();
        for shard in &self.touches {
            taken.extend(
                lock(shard)
                    .extract_if(|_, pending| flush == Flush::Final || pending.since + WINDOW <= now)
                    .map(|(_, pending)| pending),
            );
        }
        taken.sort_unstable_by_key(|pending| pending.latest.session_id);
        taken
    }

    fn take_logins(&self) -> Vec<Login> {
        let mut taken: Vec<_> = lock(&self.logins)
            .drain()
            .map(|(profile_id, at)| Login { profile_id, at })
            .collect();
        taken.sort_unstable_by_key(|login| login.profile_id);
        taken
    }
}

/// Writes activity down.
pub struct FlushActivity {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    recorder: Arc<ActivityRecorder>,
}

impl FlushActivity {
    /// How often to look for activity that has been gathered long enough.
    pub const EVERY: std::time::Duration = std::time::Duration::from_secs(5);

    const BATCH: usize = 500;

    /// Over this store, clock and recorder.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        recorder: Arc<ActivityRecorder>,
    ) -> Self {
        Self {
            store,
            clock,
            recorder,
        }
    }

    /// Writes what is due, in batches by id, each a unit of work of its own. What could not be written is
    /// kept for the next time. Answers how many sessions were written.
    #[tracing::instrument(name = "session.flush_activity", skip_all)]
    pub async fn execute(&self, flush: Flush) -> Result<u64, UseCaseError> {
        let mut written = 0;
        let mut failure = None;
        for batch in self
            .recorder
            .take(self.clock.now(), flush)
            .chunks(Self::BATCH)
        {
            let touches: Vec<_> = batch.iter().map(|pending| pending.latest).collect();
            match retrying(|| self.write(&touches, flush)).await {
                Ok(rows) => written += rows,
                Err(error) => {
                    for pending in batch {
                        self.recorder.gather(*pending);
                    }
                    failure = Some(error);
                }
            }
        }
        for batch in self.recorder.take_logins().chunks(Self::BATCH) {
            if let Err(error) = retrying(|| self.write_logins(batch)).await {
                for login in batch {
                    self.recorder.log_in(*login);
                }
                failure = Some(error);
            }
        }
        failure.map_or(Ok(written), Err)
    }

    async fn write(&self, touches: &[Touch], flush: Flush) -> Result<u64, UseCaseError> {
        let mut uow = self.store.begin().await?;
        let rows = uow.session_upkeep().touch(touches, flush).await?;
        uow.commit().await?;
        Ok(rows)
    }

    async fn write_logins(&self, logins: &[Login]) -> Result<(), UseCaseError> {
        let mut uow = self.store.begin().await?;
        uow.session_upkeep().log_in(logins).await?;
        Ok(uow.commit().await?)
    }
}
