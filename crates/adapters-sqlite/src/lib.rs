#![doc = include_str!("../README.md")]

mod foreign;
mod inspect;

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, QueryResult};
use sqlx::error::DatabaseError;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sqlx::{Row, SqliteConnection, ValueRef};
use user_service_adapters_sql::{Dialect, Doubt, Kept, Trouble, store_error};
use user_service_domain::store::StoreError;

pub use foreign::open_foreign;
pub use inspect::SqliteInspector;
pub use user_service_adapters_sql::{PoolOptions, SqlStore};

const DIALECT: Dialect = Dialect { classify, is_null };

/// Opens a store. `statement_timeout` has no meaning here.
pub async fn open(url: &str, options: PoolOptions) -> Result<SqlStore, StoreError> {
    // Each connection to memory is a database of its own.
    let memory = url.contains(":memory:") || url.contains("mode=memory");
    let doubt = Doubt::none();
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(if memory { 1 } else { options.max_connections })
        .acquire_timeout(options.acquire_timeout)
        .connect_lazy(true)
        .test_before_acquire_if_idle_for(Duration::from_secs(15))
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
                .foreign_keys(true)
        });
    if memory {
        connect.idle_timeout(None).max_lifetime(None);
    } else {
        let doubt = doubt.clone();
        connect
            .max_lifetime(Duration::from_mins(30))
            .map_sqlx_sqlite_pool_opts(move |pool| {
                let doubt = doubt.clone();
                pool.after_release(move |connection, _| {
                    let doubt = doubt.clone();
                    Box::pin(async move {
                        Ok(!doubt.is_there() && !is_left_in_transaction(connection).await)
                    })
                })
            });
    }
    let db = Database::connect(connect)
        .await
        .map_err(|error| store_error(DIALECT, error))?;
    let measures = options.measures;
    let pool = db.get_sqlite_connection_pool().clone();
    let statements = Kept::new(pool, DIALECT, doubt.clone(), measures.clone());
    Ok(SqlStore::new(db, statements, DIALECT, doubt, measures))
}

/// Whether a transaction is open that the driver takes to be over, as when the disk was full at its commit. Whatever
/// came later on this connection would be acknowledged and never committed.
async fn is_left_in_transaction(connection: &mut SqliteConnection) -> bool {
    sqlx::raw_sql("ROLLBACK").execute(connection).await.is_ok()
}

fn is_null(row: &QueryResult, column: usize) -> bool {
    row.try_as_sqlite_row()
        .is_some_and(|row| row.try_get_raw(column).is_ok_and(|value| value.is_null()))
}

fn classify(error: &dyn DatabaseError) -> Trouble {
    let code = error
        .code()
        .and_then(|code| code.parse::<u32>().ok())
        .unwrap_or_default();
    // The low byte is the primary code, the rest says more about it.
    match code & 0xff {
        // BUSY and nothing more: another process kept its lock for as long as one waits
        5 if code == 5 => Trouble::Unavailable,
        // BUSY, LOCKED
        5 | 6 => Trouble::Transient,
        // READONLY, IOERR, FULL: transactions may have ended, or not, without the driver knowing
        8 | 10 | 13 => Trouble::ReadOnly,
        // NOMEM, CANTOPEN
        7 | 14 => Trouble::Unavailable,
        _ => Trouble::Other,
    }
}
