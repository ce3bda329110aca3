//! Databases as operators look at them.

use std::time::Duration;

use secrecy::ExposeSecret;
use user_service_adapters_sql::PoolOptions;
use user_service_adapters_sql::inspect::Inspector;
use user_service_adapters_sql::setup::ConnectError;

use super::store::{NotCompiledIn, check_engine};
use crate::config::{Config, DatabaseUrl, Engine};

/// How long is waited for the one connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connects, or says why not.
pub(crate) async fn open_inspector(
    config: &Config,
    at: &DatabaseUrl,
) -> Result<Result<Box<dyn Inspector>, ConnectError>, NotCompiledIn> {
    check_engine(at)?;
    let options = PoolOptions {
        max_connections: 1,
        acquire_timeout: PATIENCE,
        statement_timeout: config.db_statement_timeout,
        ..PoolOptions::default()
    };
    let url = at.url.expose_secret();
    macro_rules! open {
        ($inspector:path) => {{
            let opened = <$inspector>::connect(url, options).await;
            opened.map(|inspector| Box::new(inspector) as Box<dyn Inspector>)
        }};
    }
    Ok(match at.engine {
        #[cfg(feature = "sqlite")]
        Engine::Sqlite => open!(user_service_adapters_sqlite::SqliteInspector),
        #[cfg(feature = "postgres")]
        Engine::Postgres => open!(user_service_adapters_postgres::PostgresInspector),
        #[cfg(feature = "mysql")]
        Engine::MySql => open!(user_service_adapters_mysql::MySqlInspector),
        #[allow(unreachable_patterns, reason = "all engines may be compiled in")]
        _ => Err(ConnectError::Other("none".to_owned())),
    })
}

/// The same database, but that a file which is not there is not made.
pub(crate) fn without_making(at: &DatabaseUrl) -> DatabaseUrl {
    let mut at = at.clone();
    if at.engine == Engine::Sqlite {
        let url = at.url.expose_secret().replace("mode=rwc", "mode=rw");
        at.url = url.into();
    }
    at
}
