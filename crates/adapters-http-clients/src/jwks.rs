//! Tokens that are signed with keys which the Auth Service publishes: `AUTH_MODE=jwks`.

mod keeper;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, AlgorithmFamily};
use tokio::sync::{mpsc, oneshot};
use user_service_adapters_jwt::{Epoch, TokenRules, UnverifiedToken, VerifyingKey};
use user_service_domain::clock::Clock;
use user_service_domain::health::Dependency;
use user_service_domain::identity::{Principal, TokenError, TokenVerifier};
use user_service_domain::store::Source;
use user_service_telemetry::trace::Following;
use user_service_telemetry::{HttpClientMeasures, KeySetMeasures};

use self::keeper::{Ask, Keeper, Known, Shelf};
use crate::client::{CallError, ClientError, ServiceClient};
use crate::key_set::Found;
use crate::service_url::ServiceUrl;

/// How many callers may wait for one fetch before others must wait for a place.
const WAITING_CALLERS: usize = 1024;

/// How keys are fetched and kept.
#[derive(Clone, Debug)]
pub struct JwksSettings {
    /// Where the keys are below the Auth Service; begins with `/`.
    pub path: String,
    /// How often they are fetched.
    pub refresh_every: Duration,
    /// How often, at most, they are fetched because a token names a key that is not known.
    pub min_refresh_every: Duration,
    /// How long they are trusted after they were last fetched.
    pub stale_limit: Duration,
    /// How long a fetch may take.
    pub timeout: Duration,
    /// Measures each request.
    pub calls: HttpClientMeasures,
    /// Tells how fetching goes.
    pub measures: KeySetMeasures,
}

/// Verifies tokens with the public keys of an Auth Service, which it keeps fetching. While the Auth Service is away
/// the keys that are known go on serving, up to a limit.
pub struct JwksVerifier {
    shelf: Arc<Shelf>,
    /// Asks the keeper to fetch. Dropping it ends the keeper.
    asks: mpsc::Sender<Ask>,
    /// How long a caller waits for a fetch that it asked for: one may be under way already.
    patience: Duration,
    stale_limit: TimeDelta,
    rules: TokenRules,
    clock: Arc<dyn Clock>,
    epoch: Epoch,
}

impl JwksVerifier {
    /// Begins to fetch keys in the background, and ends with the verifier. MUST be called within a runtime that
    /// lives as long.
    pub fn start(
        service: &ServiceUrl,
        settings: JwksSettings,
        rules: TokenRules,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ClientError> {
        if rules.audience.is_none() || rules.issuer.is_none() {
            tracing::warn!(
                issuer = rules.issuer.is_some(),
                audience = rules.audience.is_some(),
                "tokens that the Auth Service issued for others are accepted: set JWT_ISSUER and JWT_AUDIENCE"
            );
        }
        let shelf = Arc::new(Shelf::default());
        let epoch = Epoch::default();
        let (asks, asked) = mpsc::channel(WAITING_CALLERS);
        let verifier = Self {
            shelf: Arc::clone(&shelf),
            asks,
            patience: settings.timeout * 2,
            stale_limit: TimeDelta::from_std(settings.stale_limit).unwrap_or(TimeDelta::MAX),
            rules,
            clock: Arc::clone(&clock),
            epoch: epoch.clone(),
        };
        let keeper = Keeper {
            client: ServiceClient::new(service, settings.timeout, settings.calls.clone())?,
            url: service.at(&settings.path),
            settings,
            clock,
            shelf,
            epoch,
        };
        tokio::spawn(keeper.run(asked));
        Ok(verifier)
    }

    /// The epoch that begins anew when the keys change: what was verified before is to be verified again.
    pub fn epoch(&self) -> Epoch {
        self.epoch.clone()
    }

    /// The keys, while they may be trusted.
    fn trusted(&self) -> Result<Arc<Known>, CallError> {
        let known = self.shelf.get().ok_or(CallError::NothingKnown)?;
        if self.clock.now() - known.fetched_at > self.stale_limit {
            return Err(CallError::TooOld);
        }
        Ok(known)
    }

    fn find(&self, token: &UnverifiedToken<'_>) -> Result<Found, CallError> {
        self.trusted().map(|known| known.keys.find(token))
    }

    /// Asks for a fetch, and waits until there was one or none is due.
    async fn refresh(&self) {
        let (done, wait) = oneshot::channel();
        let asked = Ask {
            done,
            following: Following::current(),
        };
        let ask = async {
            if self.asks.send(asked).await.is_ok() {
                // An error means the same as an answer: there is nothing more to wait for.
                let _ended = wait.await;
            }
        };
        let _ended = tokio::time::timeout(self.patience, ask).await;
    }

    async fn key(&self, token: &UnverifiedToken<'_>) -> Result<Arc<VerifyingKey>, TokenError> {
        let mut found = self.find(token);
        if !matches!(found, Ok(Found::Key(_) | Found::Unfit(_))) {
            self.refresh().await;
            found = self.find(token);
        }
        match found {
            Ok(Found::Key(key)) => Ok(key),
            Ok(Found::Unknown) => Err(TokenError::Invalid("unknown key")),
            Ok(Found::Unfit(why)) => Err(TokenError::Invalid(why)),
            Err(error) => Err(TokenError::Unavailable(Box::new(error))),
        }
    }
}

#[async_trait]
impl TokenVerifier for JwksVerifier {
    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        let token = UnverifiedToken::read(token)?;
        if is_symmetric(token.algorithm()) {
            return Err(TokenError::Invalid("algorithm"));
        }
        let claims = self.key(&token).await?.open(&token)?;
        self.rules.admit(claims, self.clock.now())
    }
}

/// Fetches the keys once: how many of them can be used.
pub async fn count_keys(
    service: &ServiceUrl,
    path: &str,
    timeout: Duration,
) -> Result<usize, Source> {
    let client = ServiceClient::new(service, timeout, HttpClientMeasures::default())?;
    Ok(keeper::fetch(&client, service.at(path)).await?.0.len())
}

/// Whether whoever can verify can sign, too: no published key is of such a kind.
fn is_symmetric(algorithm: Algorithm) -> bool {
    algorithm.family() == AlgorithmFamily::Hmac
}

#[async_trait]
impl Dependency for JwksVerifier {
    fn name(&self) -> &'static str {
        "auth_service"
    }

    /// Without keys nobody can be let in.
    fn is_essential(&self) -> bool {
        true
    }

    /// Whether there are keys to verify with; the Auth Service may be away.
    async fn check(&self) -> Result<(), Source> {
        self.trusted().map(drop).map_err(Into::into)
    }
}
