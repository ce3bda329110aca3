//! A database of somebody else, to be read.

use std::str::FromStr;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{Executor, MySqlPool};

/// The server waits this long, in seconds, for a reader that is busy with what it has read.
const SETUP: &str = "SET SESSION TRANSACTION READ ONLY; SET SESSION net_write_timeout = 3600";

/// Opens a pool whose connections can write nothing; the first is made when it is needed. A statement may take as long as
/// it likes.
pub fn open_foreign(url: &str) -> Result<MySqlPool, sqlx::Error> {
    let options = MySqlConnectOptions::from_str(url)?;
    let pool = MySqlPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(sqlx::raw_sql(SETUP)).await?;
                Ok(())
            })
        });
    Ok(pool.connect_lazy_with(options))
}
