#![doc = include_str!("../README.md")]

mod connect;
mod foreign;
mod inspect;
mod setup;

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, QueryResult};
use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;
use sqlx::{AssertSqlSafe, Executor, MySqlConnection, Row, ValueRef};
use user_service_adapters_sql::{Dialect, Doubt, Kept, Trouble, store_error};
use user_service_domain::store::StoreError;

pub use foreign::open_foreign;
pub use inspect::MySqlInspector;
pub use setup::MySqlAdministrator;
pub use user_service_adapters_sql::{PoolOptions, SqlStore, ThreadStores};

const DIALECT: Dialect = Dialect { classify, is_null };

/// Opens a store; the first connection is made when it is needed.
pub async fn open(url: &str, options: PoolOptions) -> Result<SqlStore, StoreError> {
    let (doubt, measures) = (Doubt::about_a_server(&options), options.measures.clone());
    let db = Database::connect(settings(url, &options, doubt.clone()))
        .await
        .map_err(|error| store_error(DIALECT, error))?;
    let pool = db.get_mysql_connection_pool().clone();
    let statements = Kept::new(pool, DIALECT, doubt.clone(), measures.clone());
    Ok(SqlStore::new(db, statements, DIALECT, doubt, measures))
}

/// Opens a store with connections of their own for each of so many threads.
pub async fn open_for_threads(
    url: &str,
    options: PoolOptions,
    threads: usize,
) -> Result<ThreadStores, StoreError> {
    let mut of_threads = options.clone().of_threads(threads);
    let first = open(url, of_threads.next().unwrap_or(options)).await?;
    let mut others = Vec::new();
    for options in of_threads {
        others.push(open(url, options).await?);
    }
    Ok(ThreadStores::new(first, others))
}

fn settings(url: &str, options: &PoolOptions, doubt: Doubt) -> ConnectOptions {
    let setup = session(options.statement_timeout);
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(options.max_connections)
        .acquire_timeout(options.acquire_timeout)
        .max_lifetime(Duration::from_mins(30))
        .connect_lazy(true)
        .test_before_acquire_if_idle_for(Duration::from_secs(15))
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_mysql_pool_opts(move |pool| {
            let (setup, doubt) = (setup.clone(), doubt.clone());
            let pool = pool.after_release(move |connection, known| {
                let doubt = doubt.clone();
                Box::pin(async move { doubt.dispelled(known.age, may_write(connection)).await })
            });
            pool.after_connect(move |connection, _| {
                let setup = setup.clone();
                Box::pin(async move {
                    connection
                        .execute(sqlx::raw_sql(AssertSqlSafe(setup)))
                        .await?;
                    Ok(())
                })
            })
        });
    connect
}

/// Whether the server is not told to be read-only, as a replica is.
async fn may_write(connection: &mut MySqlConnection) -> Result<bool, sqlx::Error> {
    let writes = sqlx::query_scalar::<_, i64>("SELECT CAST(@@read_only AS CHAR) IN ('0', 'OFF')");
    Ok(writes.fetch_one(connection).await? == 1)
}

/// What each session starts with; the driver itself sets UTC and utf8mb4. The timeout has a name and a
/// unit of its own on MariaDB (`/*M!`) and on MySQL (`/*!80000`, which MariaDB passes over).
fn session(timeout: Duration) -> String {
    let seconds = timeout.as_secs_f64();
    let millis = timeout.as_millis();
    let lock = timeout.as_secs().max(1);
    // The locks of a client that was cut off go with its transaction.
    let idle = 2 * lock;
    format!(
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
         SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), \
         time_zone = '+00:00', innodb_lock_wait_timeout = {lock} \
         /*M!100100 , max_statement_time = {seconds} */ \
         /*M!100300 , idle_transaction_timeout = {idle} */ /*!80000 , max_execution_time = {millis} */"
    )
}

fn is_null(row: &QueryResult, column: usize) -> bool {
    row.try_as_mysql_row()
        .is_some_and(|row| row.try_get_raw(column).is_ok_and(|value| value.is_null()))
}

fn classify(error: &dyn DatabaseError) -> Trouble {
    match error
        .try_downcast_ref::<MySqlDatabaseError>()
        .map(MySqlDatabaseError::number)
    {
        // deadlock, row changed since the snapshot
        Some(1213 | 1020) => Trouble::Transient,
        // an option such as read_only, a read-only transaction, read-only mode
        Some(1290 | 1792 | 1836) => Trouble::ReadOnly,
        // server going, connection killed
        Some(1053 | 1927) => Trouble::Ended,
        // too many connections; statement timeout of MariaDB and MySQL; a lock was waited for as long as a statement
        // may take; disk full, error of the storage engine, no more memory, file of a table full
        Some(1040 | 1203 | 1969 | 3024 | 1205 | 1021 | 1030 | 1037 | 1041 | 1114) => {
            Trouble::Unavailable
        }
        _ => Trouble::Other,
    }
}
