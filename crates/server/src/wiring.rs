//! Puts the adapters behind the ports: the only place that knows which engines were compiled in.

use std::sync::Arc;

use secrecy::ExposeSecret;
use user_service_adapters_local::{HmacAlgorithm, SecretTokens, SystemClock, TokenRules, UuidV7};
use user_service_api::{Limits, Readiness, State};
use user_service_application::authz::Policy;
use user_service_application::paging::CursorCodec;
use user_service_domain::store::Store;

use crate::config::{Algorithm, Config, DatabaseUrl, Engine};

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("turn on one of the features sqlite, postgres, mysql");

/// The engines of this build.
pub(crate) const COMPILED_IN: &[&str] = &[
    #[cfg(feature = "sqlite")]
    "sqlite",
    #[cfg(feature = "postgres")]
    "postgres",
    #[cfg(feature = "mysql")]
    "mysql",
];

/// The engine that `DATABASE_URL` asks for is not in this build.
#[derive(Debug, thiserror::Error)]
#[error("DATABASE_URL asks for {asked}, which is not in this build (it has {}); build with --features {asked}", COMPILED_IN.join(", "))]
pub(crate) struct NotCompiledIn {
    asked: &'static str,
}

/// Names the engine, or what is missing.
pub(crate) fn check_engine(url: &DatabaseUrl) -> Result<(), NotCompiledIn> {
    let asked = match url.engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
        Engine::MySql => "mysql",
    };
    if COMPILED_IN.contains(&asked) {
        Ok(())
    } else {
        Err(NotCompiledIn { asked })
    }
}

/// Opens the store; the database need not answer yet.
pub(crate) async fn open_store(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    macro_rules! open {
        ($adapter:ident) => {{
            let options = $adapter::PoolOptions {
                max_connections: config.db_pool_size,
                acquire_timeout: config.db_acquire_timeout,
                statement_timeout: config.db_statement_timeout,
            };
            Ok(Arc::new(
                $adapter::open(config.database_url.url.expose_secret(), options).await?,
            ))
        }};
    }
    check_engine(&config.database_url)?;
    match config.database_url.engine {
        #[cfg(feature = "sqlite")]
        Engine::Sqlite => open!(user_service_adapters_sqlite),
        #[cfg(feature = "postgres")]
        Engine::Postgres => open!(user_service_adapters_postgres),
        #[cfg(feature = "mysql")]
        Engine::MySql => open!(user_service_adapters_mysql),
        #[allow(unreachable_patterns, reason = "all engines may be compiled in")]
        _ => anyhow::bail!("the engine of DATABASE_URL is not in this build"),
    }
}

/// Verifies and issues tokens as configured.
pub(crate) fn tokens(config: &Config) -> SecretTokens {
    let algorithm = match config.jwt_algorithm {
        Algorithm::Hs256 => HmacAlgorithm::Hs256,
        Algorithm::Hs384 => HmacAlgorithm::Hs384,
        Algorithm::Hs512 => HmacAlgorithm::Hs512,
    };
    let rules = TokenRules {
        issuer: config.jwt_issuer.clone(),
        audience: config.jwt_audience.clone(),
        leeway: config.jwt_leeway.as_secs(),
    };
    SecretTokens::new(secret(config), algorithm, &rules)
}

fn secret(config: &Config) -> &[u8] {
    config
        .jwt_secret_key
        .as_ref()
        .map_or(&[], |secret| secret.expose_secret().as_bytes())
}

/// The handlers' state over this store.
pub(crate) fn state(config: &Config, store: Arc<dyn Store>, readiness: Readiness) -> State {
    let cursor_secret = config.cursor_secret_key.as_ref().map_or_else(
        || secret(config),
        |secret| secret.expose_secret().as_bytes(),
    );
    State::new(
        Limits {
            prefix: config.api_v1_prefix.clone(),
            default_page_size: config.default_page_size,
            max_page_size: config.max_page_size,
        },
        readiness,
        Policy {
            public_profiles: config.public_profiles,
        },
        store,
        Arc::new(SystemClock),
        Arc::new(UuidV7),
        Arc::new(tokens(config)),
        CursorCodec::new(cursor_secret),
        chrono::Duration::from_std(config.idempotency_ttl.duration())
            .unwrap_or(chrono::Duration::hours(24)),
    )
}
