//! Reserves an idempotency key.

use std::sync::Arc;

use chrono::Duration;
use user_service_domain::clock::Clock;
use user_service_domain::idempotency::{
    Fingerprint, KeyDigest, KeyRecord, ReplayCache, StoredResponse,
};
use user_service_domain::ids::ProfileId;
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::retry::retrying;

/// What became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// The request is the first: do it, and complete or release the key.
    First,
    /// The request was done: this was its response.
    Replay(StoredResponse),
}

/// Reserves keys and releases them.
pub struct ReserveKey {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    replays: Arc<dyn ReplayCache>,
    keep_for: Duration,
}

impl ReserveKey {
    /// How long a request may be under way before its key is taken to be abandoned. What it would have
    /// done is not done then: the response is stored together with the effect.
    const LEASE: Duration = Duration::seconds(60);

    /// Over this store, clock and cache of responses; responses are kept for `keep_for`.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        replays: Arc<dyn ReplayCache>,
        keep_for: Duration,
    ) -> Self {
        Self {
            store,
            clock,
            replays,
            keep_for,
        }
    }

    /// Reserves a key for a body. Errors: `KeyReused` for another body, `KeyInFlight` for a twin.
    #[tracing::instrument(name = "idempotency.reserve", skip_all)]
    pub async fn execute(
        &self,
        key: KeyDigest,
        fingerprint: Fingerprint,
    ) -> Result<Reserved, UseCaseError> {
        // The cache may be away; the store has every response.
        if let Ok(Some((first, response))) = self.replays.get(key).await {
            if first != fingerprint {
                return Err(UseCaseError::KeyReused);
            }
            return Ok(Reserved::Replay(response));
        }
        retrying(|| self.attempt(key, fingerprint)).await
    }

    /// Remembers a response that was stored, so that most repetitions ask no store.
    pub async fn remember(
        &self,
        key: KeyDigest,
        fingerprint: Fingerprint,
        about: ProfileId,
        response: &StoredResponse,
    ) {
        let kept = self.replays.put(key, fingerprint, about, response).await;
        if kept.is_err() {
            tracing::debug!("a response could not be cached; the store has it");
        }
    }

    async fn attempt(
        &self,
        key: KeyDigest,
        fingerprint: Fingerprint,
    ) -> Result<Reserved, UseCaseError> {
        let now = self.clock.now();
        let mut uow = self.store.begin().await?;
        let keys = uow.idempotency_keys();
        if let Some(seen) = keys.find_for_update(key).await? {
            let abandoned = seen.response.is_none() && seen.created_at + Self::LEASE < now;
            if seen.expires_at > now && !abandoned {
                if seen.fingerprint != fingerprint {
                    return Err(UseCaseError::KeyReused);
                }
                return seen
                    .response
                    .map(Reserved::Replay)
                    .ok_or(UseCaseError::KeyInFlight);
            }
            keys.delete(key).await?;
        }
        let expires_at = now + self.keep_for;
        keys.insert(&KeyRecord {
            key,
            fingerprint,
            created_at: now,
            expires_at,
            response: None,
        })
        .await?;
        uow.commit().await?;
        Ok(Reserved::First)
    }

    /// Gives a key back after the request failed, so that it may be repeated.
    pub async fn release(&self, key: KeyDigest) -> Result<(), UseCaseError> {
        let mut uow = self.store.begin().await?;
        uow.idempotency_keys().delete(key).await?;
        Ok(uow.commit().await?)
    }
}
