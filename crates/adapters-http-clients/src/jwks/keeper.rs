//! Fetches keys, one fetch at a time.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use url::Url;
use user_service_adapters_jwt::Epoch;
use user_service_domain::clock::Clock;
use user_service_telemetry::trace::Following;

use super::JwksSettings;
use crate::client::{CallError, ServiceClient};
use crate::key_set::KeySet;

/// The longest set, in bytes.
const MAX_SET: usize = 256 * 1024;

/// The longest time between two attempts while they fail.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(15);

/// Somebody who wants a fetch; dropped when there was one, or none is due.
pub(super) struct Ask {
    /// Its end is what is waited for.
    #[expect(dead_code, reason = "that it is dropped is what it tells")]
    pub(super) done: oneshot::Sender<()>,
    /// The trace in which the fetch is made.
    pub(super) following: Following,
}

/// Keys as they were fetched.
pub(super) struct Known {
    pub(super) keys: KeySet,
    pub(super) fetched_at: DateTime<Utc>,
    /// To tell whether a later set is another.
    body: Arc<[u8]>,
}

/// Where the keys are between the keeper and the verifier.
#[derive(Default)]
pub(super) struct Shelf(RwLock<Option<Arc<Known>>>);

impl Shelf {
    pub(super) fn get(&self) -> Option<Arc<Known>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn put(&self, known: Known) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
    }
}

/// Fetches keys at once, then at intervals, and when asked to.
pub(super) struct Keeper {
    pub(super) client: ServiceClient,
    pub(super) url: Url,
    pub(super) settings: JwksSettings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) shelf: Arc<Shelf>,
    pub(super) epoch: Epoch,
}

impl Keeper {
    /// Works until nobody can ask any longer.
    pub(super) async fn run(self, mut asked: mpsc::Receiver<Ask>) {
        // The delays of the retries since the last success.
        let mut failures: Option<ExponentialBackoff> = None;
        let mut last_asked: Option<DateTime<Utc>> = None;
        // Who asked for the next fetch.
        let mut waiting: Option<Ask> = None;
        loop {
            let following = waiting
                .as_ref()
                .map_or_else(Following::nobody, |ask| ask.following.clone());
            let fetched = following.run(self.refresh()).await;
            let delay = match fetched {
                Ok(()) => {
                    self.settings.measures.succeeded(self.clock.now().into());
                    failures = None;
                    self.settings.refresh_every
                }
                Err(error) => {
                    self.settings.measures.failed();
                    if failures.is_none() {
                        let known = self.shelf.get().is_some();
                        tracing::warn!(%error, known, "the keys of the Auth Service could not be fetched");
                    }
                    let delays = failures.get_or_insert_with(retries);
                    let delay = delays.next().unwrap_or(MAX_RETRY_DELAY);
                    delay.min(self.settings.refresh_every)
                }
            };
            // Whoever asked meanwhile is answered by this fetch, too.
            drop(waiting.take());
            while asked.try_recv().is_ok() {}
            let due = Instant::now() + delay;
            while waiting.is_none() {
                let ask = tokio::select! {
                    () = tokio::time::sleep_until(due) => break,
                    ask = asked.recv() => ask,
                };
                if ask.is_none() {
                    return;
                }
                let now = self.clock.now();
                if !last_asked.is_some_and(|last| self.is_too_soon(last, now)) {
                    last_asked = Some(now);
                    waiting = ask;
                }
            }
        }
    }

    fn is_too_soon(&self, last: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let interval =
            TimeDelta::from_std(self.settings.min_refresh_every).unwrap_or(TimeDelta::MAX);
        (TimeDelta::zero()..interval).contains(&(now - last))
    }

    /// Fetches the keys, and keeps the old ones where that fails.
    async fn refresh(&self) -> Result<(), CallError> {
        let known = self.fetch().await?;
        let before = self.shelf.get();
        let (keys, passed_over) = (known.keys.len(), known.keys.passed_over);
        let is_new = before.is_none_or(|before| before.body != known.body);
        self.shelf.put(known);
        if is_new {
            // After the new keys are there: what is verified with the old ones belongs to the old epoch.
            self.epoch.advance();
            tracing::info!(keys, passed_over, "the Auth Service has new keys");
        }
        Ok(())
    }

    async fn fetch(&self) -> Result<Known, CallError> {
        let fetched_at = self.clock.now();
        let (keys, body) = fetch(&self.client, self.url.clone()).await?;
        Ok(Known {
            keys,
            fetched_at,
            body: body.into(),
        })
    }
}

/// Fetches keys once: them, and the text in which they came.
pub(super) async fn fetch(
    client: &ServiceClient,
    url: Url,
) -> Result<(KeySet, Vec<u8>), CallError> {
    let body = client.get(url, MAX_SET).await?;
    let keys = KeySet::parse(&body).map_err(CallError::Senseless)?;
    Ok((keys, body))
}

/// Delays between attempts that fail: from a second on, longer each time.
fn retries() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_jitter()
        .with_max_delay(MAX_RETRY_DELAY)
        .without_max_times()
        .build()
}
