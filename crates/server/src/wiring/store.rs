//! The store: the only place that knows which engines were compiled in.

use std::sync::Arc;

use secrecy::ExposeSecret;
use user_service_domain::store::Store;

use crate::config::{Config, DatabaseUrl, Engine};

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("turn on one of the features sqlite, postgres, mysql");

/// The engines of this build, and Redis and buckets where they are there.
pub(crate) const COMPILED_IN: &[&str] = &[
    #[cfg(feature = "sqlite")]
    "sqlite",
    #[cfg(feature = "postgres")]
    "postgres",
    #[cfg(feature = "mysql")]
    "mysql",
    #[cfg(feature = "redis")]
    "redis",
    #[cfg(feature = "s3")]
    "s3",
];

/// What a setting asks for is not in this build.
#[derive(Debug, thiserror::Error)]
#[error("{setting} asks for {asked}, which is not in this build (it has {}); build with --features {asked}", COMPILED_IN.join(", "))]
pub(crate) struct NotCompiledIn {
    setting: &'static str,
    asked: &'static str,
}

impl NotCompiledIn {
    /// What this setting asks for.
    pub(super) fn of(setting: &'static str, asked: &'static str) -> Self {
        Self { setting, asked }
    }
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
        Err(NotCompiledIn::of("DATABASE_URL", asked))
    }
}

macro_rules! pool_options {
    ($adapter:ident, $config:expr, $max_connections:expr) => {
        $adapter::PoolOptions {
            max_connections: $max_connections,
            acquire_timeout: $config.db_acquire_timeout,
            statement_timeout: $config.db_statement_timeout,
        }
    };
}

/// Connections that are kept for what goes on beside requests.
const UPKEEP: u32 = 3;

/// Opens the store; the database need not answer yet.
pub(crate) async fn open_store(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    open(config, config.db_pool_size).await
}

/// Opens the store once more for what goes on beside requests. Its connections are its own: requests do
/// not keep it waiting, and they live on when the threads that serve requests have ended.
pub(crate) async fn open_upkeep(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    open(config, UPKEEP).await
}

async fn open(config: &Config, max_connections: u32) -> anyhow::Result<Arc<dyn Store>> {
    macro_rules! open {
        ($adapter:ident) => {{
            let options = pool_options!($adapter, config, max_connections);
            Ok(Arc::new($adapter::open(url(config), options).await?))
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

/// Opens the store for requests that so many threads serve. An embedded database has threads of its own.
pub(crate) async fn open_store_for_threads(
    config: &Config,
    threads: usize,
) -> anyhow::Result<Arc<dyn Store>> {
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    macro_rules! open {
        ($adapter:ident) => {{
            let options = pool_options!($adapter, config, config.db_pool_size);
            Ok(Arc::new(
                $adapter::open_for_threads(url(config), options, threads).await?,
            ))
        }};
    }
    match config.database_url.engine {
        #[cfg(feature = "postgres")]
        Engine::Postgres => open!(user_service_adapters_postgres),
        #[cfg(feature = "mysql")]
        Engine::MySql => open!(user_service_adapters_mysql),
        _ => open_store(config).await,
    }
}

fn url(config: &Config) -> &str {
    config.database_url.url.expose_secret()
}
