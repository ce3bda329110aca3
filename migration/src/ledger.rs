//! The table in which it is written what was applied.

use sea_orm_migration::sea_orm::sea_query::Alias;
use sea_orm_migration::sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, Schema, Statement,
};
use sea_orm_migration::{DbErr, MigratorTrait as _, SchemaManager, seaql_migrations};

use crate::Migrator;

/// What was applied, oldest first; nothing where there is no ledger. Writes nothing.
pub(crate) async fn read(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let table = Migrator::migration_table_name();
    if !SchemaManager::new(db).has_table(table.to_string()).await? {
        return Ok(Vec::new());
    }
    let backend = db.get_database_backend();
    let select = format!("SELECT version FROM {table} ORDER BY version");
    let rows = db
        .query_all_raw(Statement::from_string(backend, select))
        .await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The statement that makes the ledger in a schema of PostgreSQL, as the first migration would. Whoever sets up
/// rights needs the table beforehand, for it is the one that the service itself must not write.
pub fn ledger_in(schema: &str) -> String {
    let mut table =
        Schema::new(DbBackend::Postgres).create_table_from_entity(seaql_migrations::Entity);
    table.table((Alias::new(schema), Migrator::migration_table_name()));
    DbBackend::Postgres.build(table.if_not_exists()).sql
}

/// The statement that makes the ledger where nothing else says where.
pub(crate) fn make(backend: DbBackend) -> String {
    let mut table = Schema::new(backend).create_table_from_entity(seaql_migrations::Entity);
    table.table(Migrator::migration_table_name());
    backend.build(table.if_not_exists()).sql
}

/// The statement that notes that a change was applied, now.
pub(crate) fn note(backend: DbBackend, name: &str) -> String {
    let now = match backend {
        DbBackend::Postgres => "extract(epoch FROM now())::bigint",
        DbBackend::MySql => "UNIX_TIMESTAMP()",
        _ => "unixepoch()",
    };
    let ledger = Migrator::migration_table_name();
    format!("INSERT INTO {ledger} (version, applied_at) VALUES ('{name}', {now})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_is_made_in_the_schema() {
        let sql = ledger_in("a");
        assert!(
            sql.starts_with("CREATE TABLE IF NOT EXISTS \"a\".\"user_service_migrations\" ("),
            "{sql}"
        );
    }
}
