//! What can be done with the changes.

use std::fmt::Write as _;
use std::time::Duration;

use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend};
use sea_orm_migration::{DbErr, MigratorTrait};

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
    /// Whether this program has it. What it does not have, a newer release has applied.
    pub known: bool,
}

/// Applies what is pending. Answers the names of what this call applied. Where nothing is pending nothing is written.
/// Error: `Newer`, where something is pending beside what a newer release has applied.
pub async fn up(url: &str) -> Result<Vec<String>, MigrateError> {
    let db = connect(url).await?;
    let lock = Lock::take(&db).await?;
    let done = async {
        // Read under the lock: another process may just have been here.
        let ledger = ledger::read(&db).await?;
        let pending: Vec<String> = pending(&ledger).map(ToOwned::to_owned).collect();
        if pending.is_empty() {
            return Ok(pending);
        }
        refuse_newer(&ledger)?;
        patiently(&db, async || Migrator::up(&db, None).await).await?;
        Ok(pending)
    }
    .await;
    finish(db, lock, done).await
}

/// Takes back the newest `steps` changes and what they keep. Answers their names, newest first. Error: `Newer`, where a
/// newer release has applied something, which only it can take back.
pub async fn down(url: &str, steps: u32) -> Result<Vec<String>, MigrateError> {
    let db = connect(url).await?;
    let lock = Lock::take(&db).await?;
    let done = async {
        let mut applied = ledger::read(&db).await?;
        refuse_newer(&applied)?;
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

/// Every change, oldest first, and after them what a newer release has applied. Writes nothing.
pub async fn status(url: &str) -> Result<Vec<MigrationStatus>, MigrateError> {
    let db = connect(url).await?;
    let ledger = ledger::read(&db).await;
    close(db).await;
    let ledger = ledger?;
    let ours = CHANGES.iter().map(|change| MigrationStatus {
        name: change.name.to_owned(),
        applied: ledger.iter().any(|name| name == change.name),
        known: true,
    });
    let newer = newer(&ledger).map(|name| MigrationStatus {
        name: name.to_owned(),
        applied: true,
        known: false,
    });
    Ok(ours.chain(newer).collect())
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
    let ledger = ledger::read(db).await?;
    let mut texts = Vec::new();
    for change in CHANGES
        .iter()
        .filter(|change| !ledger.iter().any(|name| name == change.name))
    {
        if let Some(script) = change.script(db.get_database_backend()) {
            texts.push((change.name.to_owned(), render(db, script.up).await?));
        }
    }
    Ok(texts)
}

/// What the ledger lacks.
fn pending(ledger: &[String]) -> impl Iterator<Item = &'static str> {
    let names = CHANGES.iter().map(|change| change.name);
    names.filter(|name| !ledger.iter().any(|applied| applied == name))
}

/// What is in the ledger and not in this program.
fn newer(ledger: &[String]) -> impl Iterator<Item = &str> {
    let names = ledger.iter().map(String::as_str);
    names.filter(|name| !CHANGES.iter().any(|change| change.name == *name))
}

fn refuse_newer(ledger: &[String]) -> Result<(), MigrateError> {
    let names: Vec<&str> = newer(ledger).collect();
    if names.is_empty() {
        return Ok(());
    }
    Err(MigrateError::Newer(names.join(", ")))
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
