//! What is there already.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, MySqlConnection};
use user_service_adapters_sql::setup::{Account, SetupError, Wanted};

use super::steps::pattern;

/// An account that is there.
#[derive(Clone, Debug, Default)]
pub(super) struct User {
    /// What it may do everywhere, beside logging in.
    pub(super) everywhere: BTreeSet<String>,
    /// What it may do in the service's database.
    pub(super) here: BTreeSet<String>,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Whether the server is a MariaDB.
    pub(super) is_mariadb: bool,
    /// The administrator, as `user@host`.
    pub(super) administrator: String,
    pub(super) has_database: bool,
    pub(super) owner: Option<User>,
    pub(super) runtime: Option<User>,
}

impl Facts {
    pub(super) async fn read(
        server: &mut MySqlConnection,
        wanted: &Wanted,
    ) -> Result<Self, SetupError> {
        let sql = "SELECT VERSION(), CURRENT_USER()";
        let (version, administrator): (String, String) = sqlx::query_as(sql)
            .fetch_one(&mut *server)
            .await
            .map_err(|error| unread(&error))?;
        let sql = "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?";
        let databases: i64 = sqlx::query_scalar(sql)
            .bind(wanted.database.as_str())
            .fetch_one(&mut *server)
            .await
            .map_err(|error| unread(&error))?;
        Ok(Self {
            is_mariadb: version.contains("MariaDB"),
            administrator,
            has_database: databases > 0,
            owner: user(server, &wanted.owner, wanted).await?,
            runtime: user(server, &wanted.runtime, wanted).await?,
        })
    }
}

async fn user(
    server: &mut MySqlConnection,
    account: &Account,
    wanted: &Wanted,
) -> Result<Option<User>, SetupError> {
    let sql = "SELECT COUNT(*) FROM mysql.user WHERE user = ? AND host = ?";
    let known: i64 = sqlx::query_scalar(sql)
        .bind(account.name.as_str())
        .bind(&wanted.hosts)
        .fetch_one(&mut *server)
        .await
        .map_err(|error| unread(&error))?;
    if known == 0 {
        return Ok(None);
    }
    // These views write an account as `'user'@'host'`, and a database as the pattern that it was granted by.
    let grantee = format!("'{}'@'{}'", account.name, wanted.hosts);
    let everywhere = privileges(server, "user_privileges WHERE grantee = ?", &[&grantee]).await?;
    let here = privileges(
        server,
        "schema_privileges WHERE grantee = ? AND table_schema IN (?, ?)",
        &[
            &grantee,
            wanted.database.as_str(),
            &pattern(&wanted.database),
        ],
    )
    .await?;
    Ok(Some(User { everywhere, here }))
}

async fn privileges(
    server: &mut MySqlConnection,
    from: &str,
    parameters: &[&str],
) -> Result<BTreeSet<String>, SetupError> {
    let sql = format!("SELECT privilege_type FROM information_schema.{from}");
    let mut query = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql));
    for parameter in parameters {
        query = query.bind(*parameter);
    }
    let found = query
        .fetch_all(server)
        .await
        .map_err(|error| unread(&error))?;
    // Each account may log in, and that is all that this says.
    Ok(found.into_iter().filter(|it| it != "USAGE").collect())
}

fn unread(error: &sqlx::Error) -> SetupError {
    super::refused("the catalogue cannot be read", error)
}
