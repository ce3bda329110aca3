//! The changes as `sea-orm-migration` runs them.

use async_trait::async_trait;
use sea_orm_migration::sea_orm::sea_query::{Alias, DynIden, IntoIden};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::{DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager};

use crate::catalogue::{CHANGES, Change, Script};

/// The list of changes; [`up`](crate::up) runs it under a lock, which the list itself does not take.
#[derive(Clone, Copy, Debug)]
pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        CHANGES
            .iter()
            .map(|change| -> Box<dyn MigrationTrait> { Box::new(SqlFile(change)) })
            .collect()
    }

    fn migration_table_name() -> DynIden {
        Alias::new("user_service_migrations").into_iden()
    }
}

/// A change that is text.
struct SqlFile(&'static Change);

impl SqlFile {
    fn script(&self, backend: DbBackend) -> Result<&'static Script, DbErr> {
        self.0
            .script(backend)
            .ok_or_else(|| DbErr::Migration(format!("{} has no SQL for this engine", self.0.name)))
    }
}

impl MigrationName for SqlFile {
    fn name(&self) -> &str {
        self.0.name
    }
}

#[async_trait]
impl MigrationTrait for SqlFile {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let sql = render(db, self.script(db.get_database_backend())?.up).await?;
        db.execute_unprepared(&sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(self.script(db.get_database_backend())?.down)
            .await?;
        Ok(())
    }

    /// MySQL commits before each DDL statement; there the wrapping does nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Fills in what depends on the server.
pub(crate) async fn render<C: ConnectionTrait>(db: &C, sql: &str) -> Result<String, DbErr> {
    if db.get_database_backend() != DbBackend::MySql {
        return Ok(sql.to_owned());
    }
    let version = db
        .query_one_raw(Statement::from_string(DbBackend::MySql, "SELECT VERSION()"))
        .await?;
    let version: String = version
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .unwrap_or_default();
    let collation = if version.contains("MariaDB") {
        "utf8mb4_nopad_bin"
    } else {
        "utf8mb4_0900_bin"
    };
    Ok(sql.replace("{collation}", collation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_grow_and_each_engine_has_both_directions() {
        assert!(CHANGES.windows(2).all(|pair| pair[0].name < pair[1].name));
        for change in CHANGES {
            for backend in [DbBackend::Postgres, DbBackend::MySql, DbBackend::Sqlite] {
                let script = change.script(backend).unwrap();
                let makes = script.up.contains("CREATE TABLE")
                    && script.down.contains("DROP TABLE IF EXISTS");
                let alters =
                    script.up.contains("ALTER TABLE") && script.down.contains("ALTER TABLE");
                let indexes =
                    script.up.contains("CREATE INDEX") && script.down.contains("DROP INDEX");
                assert!(makes || alters || indexes, "{}", change.name);
                let again = script.up.contains("CREATE TABLE IF NOT EXISTS")
                    || script.up.contains("information_schema");
                assert!(
                    again && !script.up.contains("CREATE INDEX") || backend != DbBackend::MySql,
                    "{} cannot be run again",
                    change.name
                );
            }
        }
    }
}
