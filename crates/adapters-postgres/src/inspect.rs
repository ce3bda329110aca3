//! What an operator asks a PostgreSQL database.

use std::str::FromStr;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use user_service_adapters_sql::hot::{Fault, Form, HotStatement, KnownIndex};
use user_service_adapters_sql::inspect::{Inspector, Rights, Server};
use user_service_adapters_sql::setup::{ConnectError, LEDGER, ROWS, TABLES};
use user_service_adapters_sql::{PoolOptions, SqlStore};

/// The oldest version that is supported, as the server counts them and as people do.
const OLDEST: (i32, &str) = (140_000, "14");

/// What of the catalogue tells that an account may do more than rows; each is one row of a text or none.
const EXCESS: &str = "SELECT 'is a superuser' FROM pg_roles WHERE rolname = current_user AND rolsuper \
    UNION ALL SELECT 'may make roles or databases, or pass over row security' FROM pg_roles WHERE rolname = \
    current_user AND NOT rolsuper AND (rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls) \
    UNION ALL SELECT 'may make tables in the schema ' || current_schema() WHERE \
    has_schema_privilege(current_schema(), 'CREATE') \
    UNION ALL SELECT 'owns the tables' FROM pg_class WHERE oid = to_regclass('user_profiles') AND \
    pg_has_role(relowner, 'USAGE') \
    UNION ALL SELECT 'may write the ledger of migrations' WHERE has_table_privilege(to_regclass($1), 'INSERT')";

/// The rights on tables that the account has not; lists are separated by commas.
const MISSING: &str = "SELECT privilege || ' on ' || name FROM unnest(string_to_array($1, ',')) AS name, \
    unnest(string_to_array($2, ',')) AS privilege WHERE NOT has_table_privilege(to_regclass(name), privilege)";

/// Those that can be used: one that is being made, or whose making failed, is not among them.
const INDEXES: &str = "SELECT t.relname::text, i.relname::text, array_to_string(ARRAY(SELECT a.attname FROM \
    unnest(x.indkey) WITH ORDINALITY AS k(number, place) JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = \
    k.number ORDER BY k.place), ',') FROM pg_index AS x JOIN pg_class AS t ON t.oid = x.indrelid JOIN pg_class AS i \
    ON i.oid = x.indexrelid WHERE x.indisvalid AND t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND t.relname \
    LIKE 'user\\_%'";

/// A database to ask.
#[derive(Debug)]
pub struct PostgresInspector(SqlStore);

impl PostgresInspector {
    /// Connects, or says why not.
    pub async fn connect(url: &str, options: PoolOptions) -> Result<Self, ConnectError> {
        let once = PgConnectOptions::from_str(url).map_err(|error| crate::connect::sort(&error))?;
        let connection = crate::connect::with(&once.disable_statement_logging()).await?;
        drop(connection.close().await);
        crate::open(url, options)
            .await
            .map(Self)
            .map_err(|_| ConnectError::Other("none".to_owned()))
    }

    async fn texts(&self, statement: Statement) -> Result<Vec<String>, DbErr> {
        let rows = self.0.connection().query_all_raw(statement).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }
}

fn statement(sql: &str, values: Vec<sea_orm::Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

#[async_trait]
impl Inspector for PostgresInspector {
    fn connection(&self) -> &DatabaseConnection {
        self.0.connection()
    }

    async fn server(&self) -> Result<Server, DbErr> {
        let sql = "SELECT current_setting('server_version'), current_setting('server_version_num')::int, \
                   clock_timestamp()";
        let row = self
            .0
            .connection()
            .query_one_raw(statement(sql, Vec::new()))
            .await?
            .ok_or_else(|| DbErr::RecordNotFound("the server's version".to_owned()))?;
        let text: String = row.try_get_by_index(0)?;
        let number: i32 = row.try_get_by_index(1)?;
        Ok(Server {
            version: format!("PostgreSQL {}", text.split(' ').next().unwrap_or_default()),
            needs: (number < OLDEST.0).then_some(OLDEST.1),
            now: row.try_get_by_index(2)?,
        })
    }

    async fn rights(&self) -> Result<Option<Rights>, DbErr> {
        let account = self
            .texts(statement("SELECT current_user::text", Vec::new()))
            .await?;
        let rows = vec![TABLES.join(",").into(), ROWS.join(",").into()];
        let mut missing = self.texts(statement(MISSING, rows)).await?;
        let ledger = vec![LEDGER.into(), "SELECT".into()];
        missing.extend(self.texts(statement(MISSING, ledger)).await?);
        Ok(Some(Rights {
            account: account.into_iter().next().unwrap_or_default(),
            missing,
            excess: self.texts(statement(EXCESS, vec![LEDGER.into()])).await?,
        }))
    }

    async fn indexes(&self) -> Result<Vec<KnownIndex>, DbErr> {
        let sql = statement(INDEXES, Vec::new());
        let rows = self.0.connection().query_all_raw(sql).await?;
        let read = |row: &QueryResult| -> Result<KnownIndex, DbErr> {
            let columns: String = row.try_get_by_index(2)?;
            Ok(KnownIndex {
                table: row.try_get_by_index(0)?,
                name: row.try_get_by_index(1)?,
                columns: columns.split(',').map(ToOwned::to_owned).collect(),
            })
        };
        rows.iter().map(read).collect()
    }

    async fn plan(&self, form: &Form) -> Result<Vec<String>, DbErr> {
        let mut statement = form.build(DbBackend::Postgres);
        statement.sql.insert_str(0, "EXPLAIN (COSTS OFF) ");
        self.texts(statement).await
    }

    fn fault(&self, plan: &[String], of: &HotStatement) -> Option<Fault> {
        let has = |what: &str| plan.iter().any(|step| step.contains(what));
        if plan.len() == 3 && plan[1].contains("Limit") && plan[2].contains("Seq Scan") {
            // The first so many rows, whichever they are: they are all read in one place.
            return (!of.may_walk).then_some(Fault::ReadsAll);
        }
        if has("Seq Scan") || !has("Index") {
            return Some(Fault::ReadsAll);
        }
        let count = |what: [&str; 2]| {
            plan.iter()
                .filter(|step| what.iter().all(|part| step.contains(part)))
                .count()
        };
        if !of.may_walk && count(["Index ", "Scan"]) != count(["Index ", "Cond:"]) {
            return Some(Fault::Walks);
        }
        (!of.may_sort && has("Sort")).then_some(Fault::Sorts)
    }
}
