//! Why the schema was not read or changed.

use std::error::Error;

use sea_orm_migration::DbErr;

/// Why the schema was not read or changed. No text holds the database's URL.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The URL's scheme is of no engine of this build.
    #[error("this build has no driver for {0}")]
    NotCompiledIn(String),
    /// The database cannot be reached, or another process keeps the lock for too long.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Others kept locks on what a change has to change, for as long as it was tried.
    #[error(
        "other transactions keep the tables that a migration has to change; end them and run it again"
    )]
    LockedOut(#[source] Box<dyn Error + Send + Sync>),
    /// A newer release has applied changes that this program does not have; their names.
    #[error("a newer release has applied migrations that this program does not have: {0}")]
    Newer(String),
    /// A change failed.
    #[error("the schema cannot be read or changed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl From<DbErr> for MigrateError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Self::Unavailable(error.into()),
            error => Self::Failed(error.into()),
        }
    }
}
