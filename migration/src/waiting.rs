//! How long a change may wait for locks of others: a statement that waits keeps everybody after it waiting, too.

use std::time::Duration;

use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, RuntimeErr};

use crate::MigrateError;

/// How long an attempt goes on.
const PATIENCE: Duration = Duration::from_mins(2);

/// What each session of a migration starts with, where the engine has such locks: two seconds for a lock. The names of
/// MySQL are of metadata and of rows.
pub(crate) const fn limit(backend: DbBackend) -> Option<&'static str> {
    match backend {
        DbBackend::Postgres => Some("SET lock_timeout = '2s'"),
        DbBackend::MySql => Some("SET SESSION lock_wait_timeout = 2, innodb_lock_wait_timeout = 2"),
        _ => None,
    }
}

/// Runs this, and again while it does not get its locks in time. Between attempts everybody else goes on.
pub(crate) async fn patiently<T>(
    db: &DatabaseConnection,
    attempt: impl AsyncFn() -> Result<T, DbErr>,
) -> Result<T, MigrateError> {
    if let Some(sql) = limit(db.get_database_backend()) {
        db.execute_unprepared(sql).await?;
    }
    let mut pause = Duration::from_millis(250);
    let mut waited = Duration::ZERO;
    loop {
        match attempt().await {
            Err(error) if is_locked_out(&error) => {
                if waited >= PATIENCE {
                    return Err(MigrateError::LockedOut(error.into()));
                }
            }
            done => return Ok(done?),
        }
        tokio::time::sleep(pause).await;
        // The attempt before it has waited for its lock.
        waited += pause + Duration::from_secs(2);
        pause = (pause * 2).min(Duration::from_secs(4));
    }
}

/// Whether others kept a lock for too long, or a deadlock was resolved against us.
fn is_locked_out(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let Some(error) = error.as_database_error() else {
        return false;
    };
    #[cfg(feature = "mysql")]
    if let Some(error) =
        error.try_downcast_ref::<sea_orm_migration::sea_orm::sqlx::mysql::MySqlDatabaseError>()
    {
        return matches!(error.number(), 1205 | 1213);
    }
    matches!(error.code().as_deref(), Some("55P03" | "40P01"))
}
