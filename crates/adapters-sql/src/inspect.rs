//! What an operator asks a database.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{DatabaseConnection, DbErr};

use crate::hot::{Fault, Form, HotStatement, KnownIndex};

/// The server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name and version: `PostgreSQL 15.6`.
    pub version: String,
    /// The oldest version that is supported, where this one is older.
    pub needs: Option<&'static str>,
    /// The time of its clock.
    pub now: DateTime<Utc>,
}

/// What an account may do, measured by what whoever serves needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// The account.
    pub account: String,
    /// What it may not do, and needs to: `INSERT on user_profiles`.
    pub missing: Vec<String>,
    /// What it may do, and has no need to: `is a superuser`.
    pub excess: Vec<String>,
}

/// Asks a database, and changes nothing in it.
#[async_trait]
pub trait Inspector: Send + Sync {
    /// The connection.
    fn connection(&self) -> &DatabaseConnection;

    /// The server; its clock is read last.
    async fn server(&self) -> Result<Server, DbErr>;

    /// What the account of this connection may do; `None` where the engine knows no accounts.
    async fn rights(&self) -> Result<Option<Rights>, DbErr>;

    /// Every index of the service's tables that can be used.
    async fn indexes(&self) -> Result<Vec<KnownIndex>, DbErr>;

    /// How the engine would answer a statement, step by step. Does not run it.
    async fn plan(&self, form: &Form) -> Result<Vec<String>, DbErr>;

    /// What a plan does that it must not.
    fn fault(&self, plan: &[String], of: &HotStatement) -> Option<Fault>;
}
