//! Sets the service up on a server: what an administrator does before the first migration.

mod facts;
mod steps;

use std::str::FromStr;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, MySqlConnection, raw_sql};
use user_service_adapters_sql::setup::{
    Administrator, ConnectError, Plan, SetupError, Step, Wanted,
};

use self::facts::Facts;

/// The longest name, in bytes: that of a user of MySQL.
const LONGEST_NAME: usize = 32;

/// An administrator's connection.
#[derive(Debug)]
pub struct MySqlAdministrator {
    server: MySqlConnection,
}

impl MySqlAdministrator {
    /// Connects; a database that the URL names is passed over, for it may be the one that is to be made.
    pub async fn connect(url: &str) -> Result<Self, SetupError> {
        let as_administrator = |error| SetupError::Connect("the administrator".into(), error);
        let options = options(url).map_err(as_administrator)?.database("");
        let mut server = crate::connect::with(&options)
            .await
            .map_err(as_administrator)?;
        // So that it is known what quotes and backslashes mean, and that nobody waits long for a lock.
        let session = "SET SESSION sql_mode = '', lock_wait_timeout = 5";
        raw_sql(session)
            .execute(&mut server)
            .await
            .map_err(|error| refused("the session cannot be set up", &error))?;
        Ok(Self { server })
    }
}

#[async_trait]
impl Administrator for MySqlAdministrator {
    fn longest_name(&self) -> usize {
        LONGEST_NAME
    }

    /// The ledger is made by the first migration: rights are on the whole database.
    async fn plan(&mut self, wanted: &Wanted, _ledger: &str) -> Result<Plan, SetupError> {
        let facts = Facts::read(&mut self.server, wanted).await?;
        steps::plan(&facts, wanted)
    }

    async fn run(&mut self, _wanted: &Wanted, step: &Step) -> Result<(), SetupError> {
        let sql = AssertSqlSafe(step.sql().expose_secret().to_owned());
        match raw_sql(sql).execute(&mut self.server).await {
            Ok(_) => Ok(()),
            Err(error) => Err(refused(step.shown(), &error)),
        }
    }

    async fn log_in(&self, url: &str) -> Result<(), ConnectError> {
        let connection = crate::connect::with(&options(url)?).await?;
        drop(connection.close().await);
        Ok(())
    }
}

/// Nothing of what is run is logged: it holds passwords, in some form.
fn options(url: &str) -> Result<MySqlConnectOptions, ConnectError> {
    let options =
        MySqlConnectOptions::from_str(url).map_err(|error| crate::connect::sort(&error))?;
    Ok(options.disable_statement_logging())
}

/// That the server refused a statement. Its words may repeat the statement, so its number stands for them where a
/// password is in it.
fn refused(shown: &str, error: &sqlx::Error) -> SetupError {
    let words = match error {
        sqlx::Error::Database(error) if !shown.contains("IDENTIFIED") => error.message().to_owned(),
        error => crate::connect::sort(error).to_string(),
    };
    SetupError::Statement(shown.to_owned(), words)
}
