//! What an operator asks a SQLite database.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement};
use user_service_adapters_sql::hot::{Fault, Form, HotStatement, KnownIndex};
use user_service_adapters_sql::inspect::{Inspector, Rights, Server};
use user_service_adapters_sql::setup::ConnectError;
use user_service_adapters_sql::{PoolOptions, SqlStore};

/// Steps that read no table: about the one row that everything is joined to, and about what another step has read.
const WITHOUT_A_TABLE: [&str; 9] = [
    "CO-ROUTINE bearer",
    "SCAN CONSTANT ROW",
    "SCAN bearer",
    "SCALAR SUBQUERY 1",
    "CORRELATED SCALAR SUBQUERY 1",
    "CO-ROUTINE matching",
    "SCAN matching",
    "CO-ROUTINE page",
    "SCAN page",
];

/// A database to ask.
#[derive(Debug)]
pub struct SqliteInspector(SqlStore);

impl SqliteInspector {
    /// Opens the file, or says why not.
    pub async fn connect(url: &str, options: PoolOptions) -> Result<Self, ConnectError> {
        let unopened = |error: &DbErr| match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => ConnectError::NoDatabase,
            _ => ConnectError::Other("none".to_owned()),
        };
        let store = crate::open(url, options)
            .await
            .map_err(|_| ConnectError::NoDatabase)?;
        let opened = store.connection().execute_unprepared("SELECT 1").await;
        opened.map_err(|error| unopened(&error))?;
        Ok(Self(store))
    }

    async fn rows(&self, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
        let statement = Statement::from_string(DbBackend::Sqlite, sql);
        self.0.connection().query_all_raw(statement).await
    }
}

#[async_trait]
impl Inspector for SqliteInspector {
    fn connection(&self) -> &DatabaseConnection {
        self.0.connection()
    }

    async fn server(&self) -> Result<Server, DbErr> {
        let rows = self
            .rows("SELECT sqlite_version(), strftime('%Y-%m-%dT%H:%M:%fZ', 'now')")
            .await?;
        let row = rows
            .first()
            .ok_or_else(|| DbErr::RecordNotFound("the version".to_owned()))?;
        let (version, now): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let now =
            DateTime::parse_from_rfc3339(&now).map_err(|error| DbErr::Type(error.to_string()))?;
        Ok(Server {
            version: format!("SQLite {version}"),
            needs: None,
            now: now.with_timezone(&Utc),
        })
    }

    async fn rights(&self) -> Result<Option<Rights>, DbErr> {
        Ok(None)
    }

    async fn indexes(&self) -> Result<Vec<KnownIndex>, DbErr> {
        let sql = "SELECT m.name, i.name, c.name FROM sqlite_schema AS m, pragma_index_list(m.name) AS i, \
                   pragma_index_info(i.name) AS c WHERE m.type = 'table' AND m.name LIKE 'user\\_%' ESCAPE '\\' ORDER \
                   BY m.name, i.name, c.seqno";
        let mut indexes: Vec<KnownIndex> = Vec::new();
        for row in self.rows(sql).await? {
            let (table, name): (String, String) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let column = row.try_get_by_index(2)?;
            match indexes.last_mut() {
                Some(last) if last.name == name => last.columns.push(column),
                _ => indexes.push(KnownIndex {
                    table,
                    name,
                    columns: vec![column],
                }),
            }
        }
        Ok(indexes)
    }

    async fn plan(&self, form: &Form) -> Result<Vec<String>, DbErr> {
        let mut statement = form.build(DbBackend::Sqlite);
        statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        let rows = self.0.connection().query_all_raw(statement).await?;
        rows.iter().map(|row| row.try_get("", "detail")).collect()
    }

    fn fault(&self, plan: &[String], of: &HotStatement) -> Option<Fault> {
        let no_table = |step: &String| WITHOUT_A_TABLE.contains(&step.as_str());
        // An index that is made for one statement is as good as none.
        let reads_index = |step: &String| {
            step.starts_with("SEARCH") && !step.contains("AUTOMATIC")
                || step.contains("USING INDEX")
                || step.contains("USING COVERING INDEX")
                || no_table(step)
        };
        let sorts = |step: &String| step.contains("TEMP B-TREE");
        if !plan.iter().filter(|step| !sorts(step)).all(reads_index) {
            return Some(Fault::ReadsAll);
        }
        let walks = |step: &String| step.starts_with("SCAN") && !no_table(step);
        if !of.may_walk && plan.iter().any(walks) {
            return Some(Fault::Walks);
        }
        (!of.may_sort && plan.iter().any(sorts)).then_some(Fault::Sorts)
    }
}
