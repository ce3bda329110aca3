//! How tokens are trusted.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use secrecy::ExposeSecret;
use user_service_adapters_http_clients::{
    JwksSettings, JwksVerifier, RemoteSettings, RemoteVerifier, ServiceUrl,
};
use user_service_adapters_jwt::{
    Epoch, HmacAlgorithm, Memory, Remembering, SecretTokens, TokenRules,
};
use user_service_domain::clock::Clock;
use user_service_domain::health::Dependency;
use user_service_domain::identity::TokenVerifier;
use user_service_telemetry::Instruments;

use crate::config::{Algorithm, AuthMode, Config};

/// How many tokens are remembered at most.
const REMEMBERED: u64 = 10_000;

/// Who verifies tokens, and what they depend on.
pub(super) struct Trust {
    pub(super) verifier: Arc<dyn TokenVerifier>,
    pub(super) dependency: Option<Arc<dyn Dependency>>,
}

impl Trust {
    /// As `AUTH_MODE` says.
    pub(super) fn of(
        config: &Config,
        clock: &Arc<dyn Clock>,
        instruments: &Instruments,
    ) -> anyhow::Result<Self> {
        match config.auth_mode {
            AuthMode::Secret => Ok(by_secret(config, clock, instruments)),
            AuthMode::Jwks => jwks(config, clock, instruments),
            AuthMode::Remote => remote(config, clock, instruments),
        }
    }
}

/// By the shared secret. A verified token is remembered: to read its claims costs as much as its signature.
fn by_secret(config: &Config, clock: &Arc<dyn Clock>, instruments: &Instruments) -> Trust {
    let verifier = Arc::new(secret_tokens(config, Arc::clone(clock)));
    let memory = Memory {
        tokens: REMEMBERED,
        bearers: Duration::from_mins(1),
        refusals: Duration::ZERO,
    };
    let epoch = Epoch::default();
    Trust {
        verifier: remembering(verifier, clock, memory, epoch, instruments),
        dependency: None,
    }
}

/// By the keys that the Auth Service publishes. A verified token is remembered, for its signature costs
/// more than all else in a request; when the keys change it is verified again.
fn jwks(
    config: &Config,
    clock: &Arc<dyn Clock>,
    instruments: &Instruments,
) -> anyhow::Result<Trust> {
    let service = auth_service(config)?;
    let settings = JwksSettings {
        path: config.auth_jwks_path.clone(),
        refresh_every: config.auth_refresh_interval,
        min_refresh_every: config.auth_min_refresh_interval,
        stale_limit: config.auth_stale_limit.duration(),
        timeout: config.auth_timeout,
        calls: instruments.http_client(service.host()),
        measures: instruments.key_set()?,
    };
    let verifier = JwksVerifier::start(service, settings, rules(config), Arc::clone(clock))?;
    let verifier = Arc::new(verifier);
    let memory = Memory {
        tokens: REMEMBERED,
        bearers: Duration::from_mins(1),
        refusals: Duration::ZERO,
    };
    let epoch = verifier.epoch();
    Ok(Trust {
        dependency: Some(Arc::clone(&verifier) as _),
        verifier: remembering(verifier, clock, memory, epoch, instruments),
    })
}

/// By the word of the Auth Service; by the secret, where there is one, while it cannot be asked.
fn remote(
    config: &Config,
    clock: &Arc<dyn Clock>,
    instruments: &Instruments,
) -> anyhow::Result<Trust> {
    let service = auth_service(config)?;
    let settings = RemoteSettings {
        timeout: config.auth_timeout,
        failures: 5,
        leave_alone_for: Duration::from_secs(2),
        measures: instruments.http_client(service.host()),
    };
    let fallback = config
        .jwt_secret_key
        .as_ref()
        .map(|_| Arc::new(secret_tokens(config, Arc::clone(clock))) as Arc<dyn TokenVerifier>);
    let verifier = RemoteVerifier::new(
        service,
        &settings,
        rules(config),
        Arc::clone(clock),
        fallback,
    )?;
    let verifier = Arc::new(verifier);
    let memory = Memory {
        tokens: REMEMBERED,
        bearers: config.auth_cache_ttl,
        refusals: config.auth_cache_ttl.min(Duration::from_secs(1)),
    };
    Ok(Trust {
        dependency: Some(Arc::clone(&verifier) as _),
        verifier: remembering(verifier, clock, memory, Epoch::default(), instruments),
    })
}

/// Remembers what was found out about a token.
fn remembering(
    verifier: Arc<dyn TokenVerifier>,
    clock: &Arc<dyn Clock>,
    memory: Memory,
    epoch: Epoch,
    instruments: &Instruments,
) -> Arc<dyn TokenVerifier> {
    let verifier = Remembering::new(verifier, Arc::clone(clock), memory, epoch);
    Arc::new(verifier.measured(instruments.cache("tokens")))
}

fn auth_service(config: &Config) -> anyhow::Result<&ServiceUrl> {
    config
        .auth_service_url
        .as_ref()
        .context("AUTH_SERVICE_URL is required")
}

/// Verifies and issues tokens under the shared secret.
pub(crate) fn secret_tokens(config: &Config, clock: Arc<dyn Clock>) -> SecretTokens {
    let algorithm = match config.jwt_algorithm {
        Algorithm::Hs256 => HmacAlgorithm::Hs256,
        Algorithm::Hs384 => HmacAlgorithm::Hs384,
        Algorithm::Hs512 => HmacAlgorithm::Hs512,
    };
    SecretTokens::new(secret(config), algorithm, rules(config), clock)
}

fn rules(config: &Config) -> TokenRules {
    TokenRules {
        issuer: config.jwt_issuer.clone(),
        audience: config.jwt_audience.clone(),
        leeway: u32::try_from(config.jwt_leeway.as_secs()).unwrap_or_default(),
    }
}

pub(super) fn secret(config: &Config) -> &[u8] {
    config
        .jwt_secret_key
        .as_ref()
        .map_or(&[], |secret| secret.expose_secret().as_bytes())
}
