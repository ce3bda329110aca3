//! The store: the only place that knows which engines were compiled in.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use user_service_adapters_local::{ProfileCachingStore, ReplicatedStore};
use user_service_domain::health::Dependency;
use user_service_domain::store::Store;
use user_service_telemetry::{DatabaseMeasures, Instruments};

use crate::config::{Config, DatabaseUrl, Engine};

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("turn on one of the features sqlite, postgres, mysql");

/// The engines of this build, and Redis, buckets and traces where they are there.
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
    #[cfg(feature = "otlp")]
    "otlp",
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
    pub(crate) fn of(setting: &'static str, asked: &'static str) -> Self {
        Self { setting, asked }
    }
}

/// Names the engine, or what is missing.
pub(crate) fn check_engine(url: &DatabaseUrl) -> Result<(), NotCompiledIn> {
    check_engine_of("DATABASE_URL", url)
}

/// Names the engine that this setting asks for, or what is missing.
pub(super) fn check_engine_of(
    setting: &'static str,
    url: &DatabaseUrl,
) -> Result<(), NotCompiledIn> {
    let asked = engine_name(url.engine);
    if COMPILED_IN.contains(&asked) {
        Ok(())
    } else {
        Err(NotCompiledIn::of(setting, asked))
    }
}

/// The engine as features spell it.
pub(super) const fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
        Engine::MySql => "mysql",
    }
}

/// Connections that are kept for what goes on beside requests.
const UPKEEP: u32 = 3;

/// How long a request waits for a connection to the replica before it asks the primary.
const REPLICA_PATIENCE: Duration = Duration::from_millis(500);

/// Opens the store; the database need not answer yet.
pub(crate) async fn open_store(config: &Config) -> anyhow::Result<Arc<dyn Store>> {
    open(config, config.db_pool_size, None).await
}

/// Opens the store once more for what goes on beside requests. Its connections are its own: requests do
/// not keep it waiting, and they live on when the threads that serve requests have ended.
pub(crate) async fn open_upkeep(
    config: &Config,
    instruments: &Instruments,
) -> anyhow::Result<Arc<dyn Store>> {
    open(config, UPKEEP, Some((instruments, "upkeep"))).await
}

/// The name of an engine in OpenTelemetry's semantic conventions.
const fn system(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgresql",
        Engine::MySql => "mysql",
    }
}

async fn open(
    config: &Config,
    max_connections: u32,
    measured: Option<(&Instruments, &'static str)>,
) -> anyhow::Result<Arc<dyn Store>> {
    macro_rules! open {
        ($adapter:ident) => {{
            let options = $adapter::PoolOptions {
                max_connections,
                acquire_timeout: config.db_acquire_timeout,
                statement_timeout: config.db_statement_timeout,
                measures: measured.map_or_else(DatabaseMeasures::default, |(instruments, _)| {
                    instruments.database(system(config.database_url.engine))
                }),
            };
            let url = config.database_url.url.expose_secret();
            let store = Arc::new($adapter::open(url, options).await?);
            if let Some((instruments, pool)) = measured {
                let pooled = Arc::downgrade(&store);
                instruments.pool(pool, move || Some(pooled.upgrade()?.usage()));
            }
            Ok(store)
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

/// The store for requests.
pub(crate) struct RequestStore {
    pub(crate) store: Arc<dyn Store>,
    /// The replica of `DATABASE_READ_URL`, as something that may be away.
    pub(crate) replica: Option<Arc<dyn Dependency>>,
}

/// Opens the store for requests that so many threads serve, with its replica where there is one.
pub(crate) async fn open_request_store(
    config: &Config,
    threads: usize,
    instruments: &Instruments,
) -> anyhow::Result<RequestStore> {
    let primary = for_threads(
        config,
        &config.database_url,
        config.db_acquire_timeout,
        threads,
        (instruments, "requests"),
    )
    .await?;
    let (store, replica) = with_replica(config, primary, threads, instruments).await?;
    let store = match config.profile_cache_size {
        0 => store,
        profiles => Arc::new(ProfileCachingStore::new(
            store,
            profiles.into(),
            instruments.cache("profiles"),
        )),
    };
    Ok(RequestStore { store, replica })
}

/// The primary, or the primary with its replica.
async fn with_replica(
    config: &Config,
    primary: Arc<dyn Store>,
    threads: usize,
    instruments: &Instruments,
) -> anyhow::Result<(Arc<dyn Store>, Option<Arc<dyn Dependency>>)> {
    let Some(read_url) = &config.database_read_url else {
        return Ok((primary, None));
    };
    let patience = config.db_acquire_timeout.min(REPLICA_PATIENCE);
    let measured = (instruments, "replica");
    let replica = for_threads(config, read_url, patience, threads, measured).await?;
    let store = ReplicatedStore::new(primary, replica);
    let dependency = store.dependency();
    Ok((Arc::new(store), Some(dependency)))
}

/// An embedded database has threads of its own.
#[cfg_attr(
    not(any(feature = "postgres", feature = "mysql")),
    expect(unused_variables, reason = "only servers are asked by many threads")
)]
async fn for_threads(
    config: &Config,
    at: &DatabaseUrl,
    acquire_timeout: Duration,
    threads: usize,
    measured: (&Instruments, &'static str),
) -> anyhow::Result<Arc<dyn Store>> {
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    macro_rules! open {
        ($adapter:ident) => {{
            let options = $adapter::PoolOptions {
                max_connections: config.db_pool_size,
                acquire_timeout,
                statement_timeout: config.db_statement_timeout,
                measures: measured.0.database(system(at.engine)),
            };
            let url = at.url.expose_secret();
            let store = Arc::new($adapter::open_for_threads(url, options, threads).await?);
            let pooled = Arc::downgrade(&store);
            measured
                .0
                .pool(measured.1, move || Some(pooled.upgrade()?.usage()));
            Ok(store)
        }};
    }
    match at.engine {
        #[cfg(feature = "postgres")]
        Engine::Postgres => open!(user_service_adapters_postgres),
        #[cfg(feature = "mysql")]
        Engine::MySql => open!(user_service_adapters_mysql),
        _ => open(config, config.db_pool_size, Some(measured)).await,
    }
}
