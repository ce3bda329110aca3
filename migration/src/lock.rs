//! One process at a time.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use sea_orm_migration::DbErr;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::MigrateError;

/// `usersvc` as a number: the advisory lock that is ours by convention.
const KEY: i64 = 0x0075_7365_7273_7663;

/// The name holds the database's name, for MySQL's locks are the server's; both functions cut it alike.
const MYSQL_NAME: &str = "CONCAT('user_service_migrations:', LEFT(SHA2(DATABASE(), 256), 40))";

const PATIENCE: Duration = Duration::from_mins(2);

/// A lock that is held; it also ends with the connection or the process.
pub(crate) struct Lock(Option<File>);

impl Lock {
    /// Waits for the lock. The connection must be the only one of its pool, for locks belong to sessions.
    pub(crate) async fn take(db: &DatabaseConnection) -> Result<Self, MigrateError> {
        match db.get_database_backend() {
            DbBackend::Postgres => {
                poll(db, &format!("SELECT pg_try_advisory_lock({KEY})")).await?;
                Ok(Self(None))
            }
            DbBackend::MySql => {
                poll(
                    db,
                    &format!("SELECT COALESCE(GET_LOCK({MYSQL_NAME}, 0), 0) = 1"),
                )
                .await?;
                Ok(Self(None))
            }
            _ => file(db).await.map(Self),
        }
    }

    /// Gives the lock back.
    pub(crate) async fn release(self, db: &DatabaseConnection) -> Result<(), DbErr> {
        match db.get_database_backend() {
            DbBackend::Postgres => ask(db, &format!("SELECT pg_advisory_unlock({KEY})"))
                .await
                .map(drop),
            DbBackend::MySql => ask(
                db,
                &format!("SELECT COALESCE(RELEASE_LOCK({MYSQL_NAME}), 0) = 1"),
            )
            .await
            .map(drop),
            _ => {
                drop(self.0);
                Ok(())
            }
        }
    }
}

/// Tries until the lock is ours. A blocking call would hold a snapshot while it waits.
async fn poll(db: &DatabaseConnection, sql: &str) -> Result<(), MigrateError> {
    let mut pause = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    while !ask(db, sql).await? {
        if waited >= PATIENCE {
            return Err(MigrateError::Unavailable(
                "another process keeps the migration lock".into(),
            ));
        }
        tokio::time::sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
    Ok(())
}

async fn ask(db: &DatabaseConnection, sql: &str) -> Result<bool, DbErr> {
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    Ok(row
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .unwrap_or(false))
}

/// SQLite has no lock that outlives a transaction: a file beside the database is locked. None in memory.
async fn file(db: &DatabaseConnection) -> Result<Option<File>, MigrateError> {
    let sql = "SELECT file FROM pragma_database_list WHERE name = 'main'";
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await?;
    let path: Option<String> = row
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .flatten();
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let path = PathBuf::from(format!("{path}.migrate-lock"));
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    });
    match locked.await {
        Ok(Ok(file)) => Ok(Some(file)),
        Ok(Err(error)) => Err(MigrateError::Unavailable(error.into())),
        Err(error) => Err(MigrateError::Failed(error.into())),
    }
}
