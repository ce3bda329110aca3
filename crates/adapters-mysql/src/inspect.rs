//! What an operator asks a MariaDB or MySQL database.

mod grants;

use std::str::FromStr;

use async_trait::async_trait;
use chrono::NaiveDateTime;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement};
use sqlx::mysql::MySqlConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use user_service_adapters_sql::hot::{Fault, Form, HotStatement, KnownIndex};
use user_service_adapters_sql::inspect::{Inspector, Rights, Server};
use user_service_adapters_sql::setup::ConnectError;
use user_service_adapters_sql::{PoolOptions, SqlStore};

/// The oldest versions that are supported.
const OLDEST_MARIADB: ((u32, u32), &str) = ((10, 6), "10.6");
const OLDEST_MYSQL: ((u32, u32), &str) = ((8, 0), "8.0");

/// Steps about the one row that everything is joined to, and what an end of an index answers while planning.
const WITHOUT_A_TABLE: [&str; 3] = [
    "No tables used",
    "No matching min/max row",
    "Select tables optimized away",
];

/// How both say that they have found out while planning that no row can match, and how MySQL alone says it.
const NOTHING: [&str; 2] = ["Impossible WHERE", "no matching row in const table"];

/// A database to ask.
#[derive(Debug)]
pub struct MySqlInspector(SqlStore);

impl MySqlInspector {
    /// Connects, or says why not.
    pub async fn connect(url: &str, options: PoolOptions) -> Result<Self, ConnectError> {
        let once =
            MySqlConnectOptions::from_str(url).map_err(|error| crate::connect::sort(&error))?;
        let connection = crate::connect::with(&once.disable_statement_logging()).await?;
        drop(connection.close().await);
        crate::open(url, options)
            .await
            .map(Self)
            .map_err(|_| ConnectError::Other("none".to_owned()))
    }

    async fn rows(&self, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
        let statement = Statement::from_string(DbBackend::MySql, sql);
        self.0.connection().query_all_raw(statement).await
    }

    async fn one(&self, sql: &str) -> Result<QueryResult, DbErr> {
        let row = self.rows(sql).await?.into_iter().next();
        row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))
    }
}

#[async_trait]
impl Inspector for MySqlInspector {
    fn connection(&self) -> &DatabaseConnection {
        self.0.connection()
    }

    async fn server(&self) -> Result<Server, DbErr> {
        let row = self.one("SELECT VERSION(), UTC_TIMESTAMP(6)").await?;
        let version: String = row.try_get_by_index(0)?;
        let now: NaiveDateTime = row.try_get_by_index(1)?;
        let (version, needs) = read_version(&version);
        Ok(Server {
            version,
            needs,
            now: now.and_utc(),
        })
    }

    async fn rights(&self) -> Result<Option<Rights>, DbErr> {
        let row = self.one("SELECT CURRENT_USER(), DATABASE()").await?;
        let (account, database): (String, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let grants = self.rows("SHOW GRANTS").await?;
        let grants: Vec<String> = grants
            .iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()?;
        let (missing, excess) = grants::judge(&grants, &database);
        Ok(Some(Rights {
            account,
            missing,
            excess,
        }))
    }

    async fn indexes(&self) -> Result<Vec<KnownIndex>, DbErr> {
        let sql = "SELECT CAST(table_name AS char), CAST(index_name AS char), CAST(GROUP_CONCAT(column_name ORDER BY \
                   seq_in_index) AS char) FROM information_schema.statistics WHERE table_schema = DATABASE() AND \
                   table_name LIKE 'user\\_%' GROUP BY table_name, index_name";
        let read = |row: &QueryResult| -> Result<KnownIndex, DbErr> {
            let columns: String = row.try_get_by_index(2)?;
            Ok(KnownIndex {
                table: row.try_get_by_index(0)?,
                name: row.try_get_by_index(1)?,
                columns: columns.split(',').map(ToOwned::to_owned).collect(),
            })
        };
        self.rows(sql).await?.iter().map(read).collect()
    }

    async fn plan(&self, form: &Form) -> Result<Vec<String>, DbErr> {
        let mut statement = form.build(DbBackend::MySql);
        // As rows: MySQL draws a tree from 9.0 on.
        statement.sql.insert_str(0, "EXPLAIN FORMAT=TRADITIONAL ");
        let rows = self.0.connection().query_all_raw(statement).await?;
        let mut plan = Vec::new();
        for row in &rows {
            let text = |column| {
                let text = row.try_get::<Option<String>>("", column);
                text.map(Option::unwrap_or_default)
            };
            let (table, kind, extra) = (text("table")?, text("type")?, text("Extra")?);
            // What another step of the plan has read is no table.
            let no_table = WITHOUT_A_TABLE.contains(&extra.as_str())
                || NOTHING.iter().any(|nothing| extra.starts_with(nothing));
            if kind != "system" && !table.starts_with("<derived") && !no_table {
                plan.push(format!("type={kind} key={} {extra}", text("key")?));
            }
        }
        Ok(plan)
    }

    fn fault(&self, plan: &[String], of: &HotStatement) -> Option<Fault> {
        let has = |what: &str| plan.iter().any(|step| step.contains(what));
        if has("type=ALL") || has("key= ") {
            return Some(Fault::ReadsAll);
        }
        if !of.may_walk && has("type=index ") {
            return Some(Fault::Walks);
        }
        (!of.may_sort && (has("filesort") || has("temporary"))).then_some(Fault::Sorts)
    }
}

/// The version for people, and the one that is needed where this is older.
fn read_version(text: &str) -> (String, Option<&'static str>) {
    let is_mariadb = text.contains("MariaDB");
    // Old clients are told that a MariaDB is a MySQL 5.5.5.
    let number = text.strip_prefix("5.5.5-").unwrap_or(text);
    let number = number.split(['-', '+', '~']).next().unwrap_or_default();
    let mut parts = number.split('.').map(|part| part.parse().unwrap_or(0));
    let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    let (name, (oldest, needs)) = if is_mariadb {
        ("MariaDB", OLDEST_MARIADB)
    } else {
        ("MySQL", OLDEST_MYSQL)
    };
    (
        format!("{name} {number}"),
        (version < oldest).then_some(needs),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_apart() {
        for (text, name, needs) in [
            ("10.11.6-MariaDB-0+deb12u1", "MariaDB 10.11.6", None),
            ("5.5.5-10.5.1-MariaDB", "MariaDB 10.5.1", Some("10.6")),
            ("11.4.2-MariaDB", "MariaDB 11.4.2", None),
            ("8.0.36-0ubuntu0.22.04.1", "MySQL 8.0.36", None),
            ("5.7.44", "MySQL 5.7.44", Some("8.0")),
        ] {
            assert_eq!(read_version(text), (name.to_owned(), needs), "{text}");
        }
    }
}
