//! What the errors of SeaORM and sqlx mean.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};
use sqlx::error::ErrorKind;
use user_service_domain::store::{Constraint, Overload, StoreError};

use crate::constraints;
use crate::dialect::{Dialect, Trouble};
use crate::doubt::no_answer;
use crate::queue::Outcome;

/// Sorts an error of opening or using a store outside of inserts.
pub fn store_error(dialect: Dialect, error: DbErr) -> StoreError {
    sort(dialect, None, error)
}

/// Sorts an error. `primary` is the rule of the written table's key.
pub(crate) fn sort(dialect: Dialect, primary: Option<Constraint>, error: DbErr) -> StoreError {
    let cause = match &error {
        DbErr::ConnectionAcquire(_) => return StoreError::Unavailable(error.into()),
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause.clone(),
        _ => return StoreError::Internal(error.into()),
    };
    match &*cause {
        sqlx::Error::Database(database) => match database.kind() {
            ErrorKind::UniqueViolation => match constraints::broken(&**database, primary) {
                Some(rule) => StoreError::Conflict(rule),
                None => StoreError::Internal(error.into()),
            },
            // The profile went between two statements: another attempt will see that it is gone.
            ErrorKind::ForeignKeyViolation => StoreError::Stale,
            _ => match (dialect.classify)(&**database) {
                Trouble::Transient => StoreError::Stale,
                Trouble::Unavailable | Trouble::Ended | Trouble::ReadOnly => {
                    StoreError::Unavailable(error.into())
                }
                Trouble::Other if matches!(error, DbErr::Conn(_)) => {
                    StoreError::Unavailable(error.into())
                }
                Trouble::Other => StoreError::Internal(error.into()),
            },
        },
        sqlx::Error::AnyDriverError(cause) if cause.is::<Overload>() => {
            StoreError::Unavailable(Overload.into())
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => StoreError::Unavailable(error.into()),
        _ => StoreError::Internal(error.into()),
    }
}

/// [`sort`], for what was not committed: where the connection was lost, nothing of it is left, and the whole attempt
/// may be repeated. What became of a commit nobody knows then, and of a statement that commits itself.
pub(crate) fn sort_uncommitted(
    dialect: Dialect,
    primary: Option<Constraint>,
    error: DbErr,
) -> StoreError {
    if was_closed(dialect, &error) {
        tracing::warn!(%error, "a connection to the database was lost");
        return StoreError::Stale;
    }
    sort(dialect, primary, error)
}

/// Why nobody is let into the queue for a connection.
pub(crate) fn turned_away(outcome: Outcome) -> DbErr {
    match outcome {
        Outcome::Served => DbErr::Conn(RuntimeErr::SqlxError(
            sqlx::Error::AnyDriverError(Overload.into()).into(),
        )),
        // Those before waited in vain.
        Outcome::Failed => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
    }
}

/// The server did not write, and perhaps another one would.
pub(crate) fn refuses_to_write(dialect: Dialect, error: &DbErr) -> bool {
    let cause = cause(error).and_then(sqlx::Error::as_database_error);
    cause.is_some_and(|cause| (dialect.classify)(cause) == Trouble::ReadOnly)
}

/// The connection was found to be closed: what was not committed on it is not done, and another one may be good. No
/// answer in time is something else: another one might have none either.
pub(crate) fn was_closed(dialect: Dialect, error: &DbErr) -> bool {
    match cause(error) {
        Some(sqlx::Error::Database(error)) => {
            matches!(error.kind(), ErrorKind::Other)
                && (dialect.classify)(&**error) == Trouble::Ended
        }
        Some(sqlx::Error::Io(error)) => error.kind() != std::io::ErrorKind::TimedOut,
        Some(sqlx::Error::BeginFailed) => true,
        _ => false,
    }
}

/// The connection is of no more use: nothing needs to be said on it.
pub(crate) fn is_broken(error: &DbErr) -> bool {
    cause(error).is_some_and(|cause| cause.as_database_error().is_none())
}

/// What waiting too long for a statement comes to.
pub(crate) fn unanswered() -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(no_answer().into()))
}

fn cause(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// A value that the store cannot hold or should not have held.
pub(crate) fn internal(what: &'static str) -> StoreError {
    StoreError::Internal(what.into())
}
