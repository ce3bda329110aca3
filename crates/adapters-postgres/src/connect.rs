//! A connection of one's own, and why there is none.

use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use user_service_adapters_sql::setup::ConnectError;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connects.
pub(crate) async fn with(options: &PgConnectOptions) -> Result<PgConnection, ConnectError> {
    match tokio::time::timeout(PATIENCE, PgConnection::connect_with(options)).await {
        Ok(connected) => connected.map_err(|error| sort(&error)),
        Err(_elapsed) => Err(ConnectError::Unreachable(std::io::ErrorKind::TimedOut)),
    }
}

/// Sorts an error.
pub(crate) fn sort(error: &sqlx::Error) -> ConnectError {
    ConnectError::of(error, by_code)
}

fn by_code(error: &dyn DatabaseError) -> Option<ConnectError> {
    Some(match &*error.code()? {
        "28P01" | "28000" => ConnectError::Credentials,
        // no such database; no right to connect to it
        "3D000" | "42501" => ConnectError::NoDatabase,
        "53300" | "57P01" | "57P02" | "57P03" => ConnectError::Busy,
        _ => return None,
    })
}
