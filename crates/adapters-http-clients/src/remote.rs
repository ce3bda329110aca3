//! Tokens about which the Auth Service is asked one by one: `AUTH_MODE=remote`.

mod answer;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable as _};
use failsafe::StateMachine;
use failsafe::backoff::{Constant, constant};
use failsafe::failure_policy::{ConsecutiveFailures, consecutive_failures};
use url::Url;
use user_service_adapters_jwt::{TokenRules, UnverifiedToken};
use user_service_domain::clock::Clock;
use user_service_domain::health::Dependency;
use user_service_domain::identity::{Principal, TokenError, TokenVerifier};
use user_service_domain::store::Source;
use user_service_telemetry::HttpClientMeasures;

use self::answer::Verdict;
use crate::client::{CallError, ClientError, ServiceClient};
use crate::service_url::ServiceUrl;

/// Where tokens are validated, below the Auth Service.
const VALIDATE: &str = "/api/v1/auth/validate";

/// The longest answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// How often a call is repeated that may soon succeed.
const RETRIES: usize = 2;

/// The longest time that a check of health may take.
const CHECK_TIMEOUT: Duration = Duration::from_millis(900);

/// How the Auth Service is asked.
#[derive(Clone, Debug)]
pub struct RemoteSettings {
    /// How long an answer may take, all attempts together.
    pub timeout: Duration,
    /// After how many failures in a row it is left alone.
    pub failures: u32,
    /// For how long.
    pub leave_alone_for: Duration,
    /// Measures each request.
    pub measures: HttpClientMeasures,
}

/// Asks the Auth Service about each token. While it cannot be asked, another verifier answers, where there is one.
pub struct RemoteVerifier {
    client: ServiceClient,
    validate: Url,
    knock: Url,
    timeout: Duration,
    breaker: StateMachine<ConsecutiveFailures<Constant>, ()>,
    rules: TokenRules,
    clock: Arc<dyn Clock>,
    fallback: Option<Arc<dyn TokenVerifier>>,
}

impl RemoteVerifier {
    /// Asks this service; `fallback` answers while it cannot be asked.
    pub fn new(
        service: &ServiceUrl,
        settings: &RemoteSettings,
        rules: TokenRules,
        clock: Arc<dyn Clock>,
        fallback: Option<Arc<dyn TokenVerifier>>,
    ) -> Result<Self, ClientError> {
        let policy = consecutive_failures(settings.failures, constant(settings.leave_alone_for));
        Ok(Self {
            client: ServiceClient::new(service, settings.timeout, settings.measures.clone())?,
            validate: service.at(VALIDATE),
            knock: service.at("/"),
            timeout: settings.timeout,
            breaker: StateMachine::new(policy, ()),
            rules,
            clock,
            fallback,
        })
    }

    /// What the Auth Service says, unless it is being left alone.
    async fn ask(&self, token: &str) -> Result<Verdict, CallError> {
        if !self.breaker.is_call_permitted() {
            return Err(CallError::LeftAlone);
        }
        let retries = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_millis(250))
            .with_max_times(RETRIES);
        let asking = (|| self.ask_once(token))
            .retry(retries)
            .when(CallError::is_passing);
        let verdict = match tokio::time::timeout(self.timeout, asking).await {
            Ok(verdict) => verdict,
            Err(_elapsed) => Err(CallError::TimedOut),
        };
        match &verdict {
            Ok(_) => self.breaker.on_success(),
            Err(error) => {
                tracing::warn!(%error, "the Auth Service could not be asked about a token");
                self.breaker.on_error();
            }
        }
        verdict
    }

    async fn ask_once(&self, token: &str) -> Result<Verdict, CallError> {
        let url = self.validate.clone();
        let answer = self.client.post_token(url, token, MAX_ANSWER).await?;
        match answer.status.as_u16() {
            200 => answer::verdict(&answer.body, token),
            // Whatever a caller may send in a token must not look like a failure of the Auth Service.
            400 | 401 | 403 | 422 => Ok(Verdict::Refused("refused by the Auth Service")),
            other => Err(CallError::Status(other)),
        }
    }
}

#[async_trait]
impl TokenVerifier for RemoteVerifier {
    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        if token.len() > UnverifiedToken::MAX {
            return Err(TokenError::Invalid("too long"));
        }
        if !is_token(token) {
            return Err(TokenError::Invalid("malformed"));
        }
        match self.ask(token).await {
            Ok(Verdict::Vouched(claims)) => self.rules.admit(*claims, self.clock.now()),
            Ok(Verdict::Refused(why)) => Err(TokenError::Invalid(why)),
            Err(error) => match &self.fallback {
                Some(fallback) => fallback.verify(token).await,
                None => Err(TokenError::Unavailable(Box::new(error))),
            },
        }
    }
}

/// Whether it is written as a bearer token is (RFC 6750 section 2.1), so that it can stand in a header field.
fn is_token(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    let text = text.trim_end_matches('=');
    !text.is_empty() && text.chars().all(plain)
}

#[async_trait]
impl Dependency for RemoteVerifier {
    fn name(&self) -> &'static str {
        "auth_service"
    }

    fn is_essential(&self) -> bool {
        self.fallback.is_none()
    }

    /// Whether it answers at all.
    async fn check(&self) -> Result<(), Source> {
        let knock = self.client.knock(self.knock.clone());
        match tokio::time::timeout(CHECK_TIMEOUT, knock).await {
            Ok(answered) => answered.map_err(Into::into),
            Err(_elapsed) => Err(CallError::TimedOut.into()),
        }
    }
}
