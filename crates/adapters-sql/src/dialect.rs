//! What differs between drivers.

use sea_orm::sea_query::Value;
use sea_orm::{DbBackend, QueryResult, Statement, StatementBuilder};
use sqlx::error::DatabaseError;

/// What an error of the server means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The attempt may be repeated: deadlock, serialisation, busy.
    Transient,
    /// The server cannot serve now: shutting down, read-only, too slow, too many connections.
    Unavailable,
    /// Anything else.
    Other,
}

/// How a driver words its errors and rows.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Sorts an error that is no broken constraint.
    pub classify: fn(&dyn DatabaseError) -> Trouble,
    /// Whether a row has NULL in the column at this index; a column that is not there is not NULL.
    pub is_null: fn(&QueryResult, usize) -> bool,
}

/// Renders a statement for an engine.
///
/// To MySQL a time with a zone is sent as a `TIMESTAMP`, which begins after 1970-01-01 and ends in 2038, and
/// becomes NULL beyond; so it goes as a `DATETIME`. Sessions are in UTC.
pub fn build<S: StatementBuilder>(backend: DbBackend, statement: &S) -> Statement {
    let mut statement = backend.build(statement);
    if let Some(values) = &mut statement.values {
        suit(backend, &mut values.0);
    }
    statement
}

/// Values as [`build`] sends them.
pub(crate) fn suit(backend: DbBackend, values: &mut [Value]) {
    if backend != DbBackend::MySql {
        return;
    }
    for value in values {
        if let Value::ChronoDateTimeUtc(time) = value {
            *value = Value::ChronoDateTime(time.as_ref().map(chrono::DateTime::naive_utc));
        }
    }
}
