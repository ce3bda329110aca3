#![doc = include_str!("../README.md")]

mod connect;
mod foreign;
mod inspect;
mod setup;

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, QueryResult};
use sqlx::error::DatabaseError;
use sqlx::{PgConnection, Row, ValueRef};
use user_service_adapters_sql::{Dialect, Doubt, Kept, Trouble, store_error};
use user_service_domain::store::StoreError;

pub use foreign::open_foreign;
pub use inspect::PostgresInspector;
pub use setup::PostgresAdministrator;
pub use user_service_adapters_sql::{PoolOptions, SqlStore, ThreadStores};

const DIALECT: Dialect = Dialect { classify, is_null };

/// Opens a store; the first connection is made when it is needed.
pub async fn open(url: &str, options: PoolOptions) -> Result<SqlStore, StoreError> {
    let (doubt, measures) = (Doubt::about_a_server(&options), options.measures.clone());
    let db = Database::connect(settings(url, &options, doubt.clone()))
        .await
        .map_err(|error| store_error(DIALECT, error))?;
    let pool = db.get_postgres_connection_pool().clone();
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
    // The locks of a client that was cut off go with its transaction.
    let idle = (2 * options.statement_timeout).as_millis().to_string();
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(options.max_connections)
        .acquire_timeout(options.acquire_timeout)
        .max_lifetime(Duration::from_mins(30))
        .connect_lazy(true)
        .test_before_acquire_if_idle_for(Duration::from_secs(15))
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .set_application_name("user-service")
        .statement_timeout(options.statement_timeout)
        .map_sqlx_postgres_opts(move |postgres| {
            postgres.options([("idle_in_transaction_session_timeout", &idle)])
        })
        .map_sqlx_postgres_pool_opts(move |pool| {
            let doubt = doubt.clone();
            pool.after_release(move |connection, known| {
                let doubt = doubt.clone();
                Box::pin(async move { doubt.dispelled(known.age, may_write(connection)).await })
            })
        });
    connect
}

/// Whether this is no standby, and not told to be read-only either.
async fn may_write(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let read_only = sqlx::query_scalar::<_, String>("SHOW transaction_read_only");
    Ok(read_only.fetch_one(connection).await? == "off")
}

fn is_null(row: &QueryResult, column: usize) -> bool {
    row.try_as_pg_row()
        .is_some_and(|row| row.try_get_raw(column).is_ok_and(|value| value.is_null()))
}

fn classify(error: &dyn DatabaseError) -> Trouble {
    let code = error.code().unwrap_or_default();
    match &*code {
        // serialisation failure, deadlock, lock not available
        "40001" | "40P01" | "55P03" => Trouble::Transient,
        // read-only transaction (a standby)
        "25006" => Trouble::ReadOnly,
        // server going, crashed, not yet there
        "57P01" | "57P02" | "57P03" => Trouble::Ended,
        // statement timeout, input and output failed
        "57014" | "58030" => Trouble::Unavailable,
        // connections; resources: disk full, too many connections
        code if code.starts_with("08") || code.starts_with("53") => Trouble::Unavailable,
        _ => Trouble::Other,
    }
}
