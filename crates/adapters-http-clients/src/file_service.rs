//! The files of avatars, in a File Service: `docs/FILE_SERVICE.md`.

mod digest;
mod keys;
mod page;
mod requests;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable as _};
use failsafe::StateMachine;
use failsafe::backoff::{Constant, constant};
use failsafe::failure_policy::{ConsecutiveFailures, consecutive_failures};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use user_service_domain::avatar::{AvatarStore, AvatarStoreError, Picture, Variant};
use user_service_domain::health::Dependency;
use user_service_domain::ids::AvatarId;
use user_service_domain::store::Source;
use user_service_telemetry::HttpClientMeasures;

use self::requests::Requests;
use crate::client::{CallError, ClientError};
use crate::service_url::ServiceUrl;

/// How many requests of one call are under way at once.
const AT_ONCE: usize = 4;

/// How often a request is repeated that may soon succeed.
const RETRIES: usize = 2;

/// The longest page that is asked for.
const MAX_PAGE: usize = 1000;

/// The longest time that a check of health may take.
const CHECK_TIMEOUT: Duration = Duration::from_millis(900);

/// How a File Service is asked.
#[derive(Clone, Debug)]
pub struct FileServiceSettings {
    /// How long a call may take, all requests and attempts together.
    pub timeout: Duration,
    /// After how many failures in a row it is left alone.
    pub failures: u32,
    /// For how long.
    pub leave_alone_for: Duration,
    /// Measures each request.
    pub measures: HttpClientMeasures,
}

impl Default for FileServiceSettings {
    /// Five seconds, five failures, five seconds.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            failures: 5,
            leave_alone_for: Duration::from_secs(5),
            measures: HttpClientMeasures::default(),
        }
    }
}

/// A File Service cannot be asked like that.
#[derive(Debug, thiserror::Error)]
pub enum FileServiceError {
    /// The token cannot stand in a header field, or is empty.
    #[error("the token must be printable ASCII without spaces")]
    Token,
    /// There is no client.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Keeps the files of avatars in a File Service.
pub struct FileServiceStore {
    requests: Requests,
    timeout: Duration,
    breaker: StateMachine<ConsecutiveFailures<Constant>, ()>,
}

impl FileServiceStore {
    /// Asks this service, with this token.
    pub fn new(
        service: &ServiceUrl,
        token: String,
        settings: &FileServiceSettings,
    ) -> Result<Self, FileServiceError> {
        let policy = consecutive_failures(settings.failures, constant(settings.leave_alone_for));
        Ok(Self {
            requests: Requests::new(service, &token, settings)?,
            timeout: settings.timeout,
            breaker: StateMachine::new(policy, ()),
        })
    }

    /// Makes a call of several requests, unless the service is being left alone.
    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, AvatarStoreError> {
        if !self.breaker.is_call_permitted() {
            return Err(AvatarStoreError(CallError::LeftAlone.into()));
        }
        let outcome = match tokio::time::timeout(self.timeout, call).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(CallError::TimedOut),
        };
        match &outcome {
            Ok(_) => self.breaker.on_success(),
            Err(_) => self.breaker.on_error(),
        }
        outcome.map_err(|error| AvatarStoreError(error.into()))
    }

    async fn put_all(&self, id: AvatarId, pictures: &[Picture]) -> Result<(), CallError> {
        let puts: Vec<_> = pictures
            .iter()
            .map(|picture| {
                let requests = &self.requests;
                again(move || requests.put(id, picture))
            })
            .collect();
        stream::iter(puts)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// Asks until there are as many as wanted, as there may be pages without one that counts.
    async fn list_ids(
        &self,
        after: Option<AvatarId>,
        limit: usize,
    ) -> Result<Vec<AvatarId>, CallError> {
        let mut ids = Vec::new();
        let mut place = after.map(keys::folder).unwrap_or_default();
        while ids.len() < limit {
            let most = (limit - ids.len()).min(MAX_PAGE);
            let page = again(|| self.requests.list(&place, most)).await?;
            for prefix in &page.prefixes {
                ids.extend(keys::id_of(prefix));
            }
            match page.next {
                Some(next) => place = next,
                None => break,
            }
        }
        ids.truncate(limit);
        Ok(ids)
    }
}

/// Repeats a request that may soon succeed. Every request may be repeated, whatever became of it: keys are given
/// here, and nothing under a key changes.
async fn again<T, F>(request: impl FnMut() -> F) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>>,
{
    let retries = ExponentialBuilder::default()
        .with_jitter()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_millis(250))
        .with_max_times(RETRIES);
    request
        .retry(retries)
        .when(|error: &CallError| error.is_passing() || *error == CallError::Broken)
        .await
}

#[async_trait]
impl AvatarStore for FileServiceStore {
    async fn put(&self, id: AvatarId, pictures: &[Picture]) -> Result<(), AvatarStoreError> {
        self.call(self.put_all(id, pictures)).await
    }

    async fn get(
        &self,
        id: AvatarId,
        variant: Variant,
    ) -> Result<Option<Vec<u8>>, AvatarStoreError> {
        self.call(again(|| self.requests.get(id, variant))).await
    }

    async fn delete(&self, id: AvatarId) -> Result<(), AvatarStoreError> {
        self.call(again(|| self.requests.delete(id))).await
    }

    async fn list(
        &self,
        after: Option<AvatarId>,
        limit: usize,
    ) -> Result<Vec<AvatarId>, AvatarStoreError> {
        self.call(self.list_ids(after, limit)).await
    }
}

#[async_trait]
impl Dependency for FileServiceStore {
    fn name(&self) -> &'static str {
        "file_service"
    }

    fn is_essential(&self) -> bool {
        false
    }

    /// Whether it says that it is well.
    async fn check(&self) -> Result<(), Source> {
        match tokio::time::timeout(CHECK_TIMEOUT, self.requests.health()).await {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(_elapsed) => Err(CallError::TimedOut.into()),
        }
    }
}

impl fmt::Debug for FileServiceStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileServiceStore")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
