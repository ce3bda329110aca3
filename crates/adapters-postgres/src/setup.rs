//! Sets the service up on a server: what an administrator does before the first migration.

mod facts;
mod steps;

use std::str::FromStr;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, raw_sql};
use user_service_adapters_sql::setup::{
    Administrator, ConnectError, Place, Plan, SetupError, Step, Wanted,
};

use self::facts::Facts;

/// The longest name, in bytes (`NAMEDATALEN` less one).
const LONGEST_NAME: usize = 63;

/// An administrator's connection. Its options hold a password, so it is not to be printed.
pub struct PostgresAdministrator {
    options: PgConnectOptions,
    server: PgConnection,
    /// The one to the service's database, once it is needed.
    database: Option<PgConnection>,
}

impl PostgresAdministrator {
    /// Connects; the URL may name any database of the server.
    pub async fn connect(url: &str) -> Result<Self, SetupError> {
        let as_administrator = |error| SetupError::Connect("the administrator".into(), error);
        let options = options(url).map_err(as_administrator)?;
        let server = crate::connect::with(&options)
            .await
            .map_err(as_administrator)?;
        Ok(Self {
            options,
            server,
            database: None,
        })
    }

    async fn database(&mut self, wanted: &Wanted) -> Result<&mut PgConnection, SetupError> {
        let connection = if let Some(connection) = self.database.take() {
            connection
        } else {
            let options = self.options.clone().database(wanted.database.as_str());
            crate::connect::with(&options).await.map_err(|error| {
                let who = format!("the administrator, in the database {}", wanted.database);
                SetupError::Connect(who, error)
            })?
        };
        Ok(self.database.insert(connection))
    }
}

#[async_trait]
impl Administrator for PostgresAdministrator {
    fn longest_name(&self) -> usize {
        LONGEST_NAME
    }

    async fn plan(&mut self, wanted: &Wanted, ledger: &str) -> Result<Plan, SetupError> {
        let mut facts = Facts::of_server(&mut self.server, wanted).await?;
        if facts.database.is_some() {
            let database = self.database(wanted).await?;
            facts.read_database(database, wanted).await?;
        }
        steps::plan(&facts, wanted, ledger)
    }

    async fn run(&mut self, wanted: &Wanted, step: &Step) -> Result<(), SetupError> {
        let connection = match step.place() {
            Place::Server => &mut self.server,
            Place::Database => self.database(wanted).await?,
        };
        let sql = AssertSqlSafe(step.sql().expose_secret().to_owned());
        match raw_sql(sql).execute(connection).await {
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
fn options(url: &str) -> Result<PgConnectOptions, ConnectError> {
    let options = PgConnectOptions::from_str(url).map_err(|error| crate::connect::sort(&error))?;
    Ok(options
        .application_name("user-service db setup")
        .options([("lock_timeout", "5s")])
        .disable_statement_logging())
}

/// What the server says of a statement, which never holds more of it than a name.
fn refused(shown: &str, error: &sqlx::Error) -> SetupError {
    let words = match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        error => crate::connect::sort(error).to_string(),
    };
    SetupError::Statement(shown.to_owned(), words)
}
