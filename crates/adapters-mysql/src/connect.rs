//! A connection of one's own, and why there is none.

use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError};
use sqlx::{Connection, MySqlConnection};
use user_service_adapters_sql::setup::ConnectError;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connects.
pub(crate) async fn with(options: &MySqlConnectOptions) -> Result<MySqlConnection, ConnectError> {
    match tokio::time::timeout(PATIENCE, MySqlConnection::connect_with(options)).await {
        Ok(connected) => connected.map_err(|error| sort(&error)),
        Err(_elapsed) => Err(ConnectError::Unreachable(std::io::ErrorKind::TimedOut)),
    }
}

/// Sorts an error.
pub(crate) fn sort(error: &sqlx::Error) -> ConnectError {
    ConnectError::of(error, by_number)
}

fn by_number(error: &dyn DatabaseError) -> Option<ConnectError> {
    let error = error.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(match error.number() {
        // a wrong password; a host that is not let in
        1045 | 1130 | 1698 => ConnectError::Credentials,
        // no such database; no right to it
        1049 | 1044 => ConnectError::NoDatabase,
        1040 | 1053 | 1203 => ConnectError::Busy,
        _ => return None,
    })
}
