//! What can be done with the changes.

use std::fmt::Write as _;
use std::time::Duration;

use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend};
use sea_orm_migration::{DbErr, Migration, MigratorTrait};

use crate::catalogue::CHANGES;
use crate::ledger;
use crate::lock::Lock;
use crate::migrator::render;
use crate::waiting::{limit, patiently};
use crate::{MigrateError, Migrator};

/// Whether a change was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// The change.
    pub name: String,
    /// Whether it was applied.
    pub applied: bool,
}

/// Applies what is pending. Answers the names of what this call applied.
pub async fn up(url: &str) -> Result<Vec<String>, MigrateError> {
    let db = connect(url).await?;
    let lock = Lock::take(&db).await?;
    let done = async {
        // Read under the lock: another process may just have been here.
        let pending = names(&Migrator::get_pending_migrations(&db).await?);
        patiently(&db, async || Migrator::up(&db, None).await).await?;
        Ok(pending)
    }
    .await;
    finish(db, lock, done).await
}

/// Takes back the newest `steps` changes and what they keep. Answers their names, newest first.
pub async fn down(url: &str, steps: u32) -> Result<Vec<String>, MigrateError> {
    let db = connect(url).await?;
    let lock = Lock::take(&db).await?;
    let done = async {
        let mut applied = names(&Migrator::get_applied_migrations(&db).await?);
        applied.reverse();
        applied.truncate(usize::try_from(steps).unwrap_or(usize::MAX));
        for _ in &applied {
            // One by one: an attempt that has to be repeated must not count what it has undone already.
            patiently(&db, async || Migrator::down(&db, Some(1)).await).await?;
        }
        Ok(applied)
    }
    .await;
    finish(db, lock, done).await
}

/// Every change, oldest first. Writes nothing.
pub async fn status(url: &str) -> Result<Vec<MigrationStatus>, MigrateError> {
    let db = connect(url).await?;
    let pending = pending(&db).await;
    close(db).await;
    let pending = pending?;
    Ok(CHANGES
        .iter()
        .map(|change| MigrationStatus {
            name: change.name.to_owned(),
            applied: !pending.iter().any(|name| name == change.name),
        })
        .collect())
}

/// The pending changes with the SQL that `up` would run. Writes nothing.
pub async fn plan(url: &str) -> Result<Vec<(String, String)>, MigrateError> {
    let db = connect(url).await?;
    let texts = texts(&db).await;
    close(db).await;
    Ok(texts?)
}

/// What `up` would run, as a script that does the same by hand: `None` where nothing is pending. Writes nothing.
pub async fn script(url: &str) -> Result<Option<String>, MigrateError> {
    let db = connect(url).await?;
    let backend = db.get_database_backend();
    let texts = texts(&db).await;
    close(db).await;
    let texts = texts?;
    if texts.is_empty() {
        return Ok(None);
    }
    // MySQL commits before each change of the schema, whatever is asked for.
    let (begin, commit) = match backend {
        DbBackend::MySql => ("", ""),
        _ => ("BEGIN;\n", "COMMIT;\n"),
    };
    let mut script = String::new();
    for sql in limit(backend)
        .map(ToOwned::to_owned)
        .into_iter()
        .chain([ledger::make(backend)])
    {
        script.push_str(&sql);
        script.push_str(";\n");
    }
    for (name, sql) in texts {
        let note = ledger::note(backend, &name);
        let sql = sql.trim_end();
        let _ = write!(script, "\n-- {name}\n{begin}{sql}\n{note};\n{commit}");
    }
    Ok(Some(script))
}

/// Whether nothing is pending. Writes nothing.
pub async fn is_current(url: &str) -> Result<bool, MigrateError> {
    Ok(status(url).await?.iter().all(|change| change.applied))
}

async fn texts(db: &DatabaseConnection) -> Result<Vec<(String, String)>, DbErr> {
    let pending = pending(db).await?;
    let mut texts = Vec::with_capacity(pending.len());
    for change in CHANGES
        .iter()
        .filter(|change| pending.iter().any(|name| name == change.name))
    {
        if let Some(script) = change.script(db.get_database_backend()) {
            texts.push((change.name.to_owned(), render(db, script.up).await?));
        }
    }
    Ok(texts)
}

async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    Migrator::get_pending_migrations_read_only(db)
        .await
        .map(|pending| names(&pending))
}

fn names(migrations: &[Migration]) -> Vec<String> {
    migrations
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect()
}

async fn connect(url: &str) -> Result<DatabaseConnection, MigrateError> {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let engines = [
        ("sqlite", cfg!(feature = "sqlite")),
        ("postgres", cfg!(feature = "postgres")),
        ("postgresql", cfg!(feature = "postgres")),
        ("mysql", cfg!(feature = "mysql")),
    ];
    if !engines.contains(&(scheme, true)) {
        return Err(MigrateError::NotCompiledIn(scheme.to_owned()));
    }
    let mut options = ConnectOptions::new(url);
    // One connection, kept: it bears the lock.
    options
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

async fn finish<T>(
    db: DatabaseConnection,
    lock: Lock,
    done: Result<T, MigrateError>,
) -> Result<T, MigrateError> {
    let released = lock.release(&db).await;
    close(db).await;
    let done = done?;
    released?;
    Ok(done)
}

/// What was done is done: a connection that does not close well changes nothing.
async fn close(db: DatabaseConnection) {
    drop(db.close().await);
}
