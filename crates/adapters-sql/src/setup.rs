//! What an administrator sets up for the service: a database, an owner of its tables, and a role that serves.

mod error;
mod name;
mod step;

use async_trait::async_trait;
use secrecy::SecretString;

pub use error::{ConnectError, SetupError};
pub use name::{BadName, Name};
pub use step::{Place, Step};

/// An administrator's connection to a server.
#[async_trait]
pub trait Administrator: Send {
    /// The longest name that the engine keeps, in bytes.
    fn longest_name(&self) -> usize;

    /// What has to be done for `wanted`. MUST change nothing, and be empty after all of it was done. `ledger` is the
    /// statement that makes [`LEDGER`], where it has to be there before the first migration.
    async fn plan(&mut self, wanted: &Wanted, ledger: &str) -> Result<Plan, SetupError>;

    /// Does one step of a plan.
    async fn run(&mut self, wanted: &Wanted, step: &Step) -> Result<(), SetupError>;

    /// Whether somebody can connect by this URL.
    async fn log_in(&self, url: &str) -> Result<(), ConnectError>;
}

/// Which tables an account that serves works on: it reads and writes rows of each.
pub const TABLES: [&str; 11] = [
    "user_profiles",
    "user_profile_activity",
    "user_preferences",
    "user_sessions",
    "user_revocations",
    "user_idempotency_keys",
    "user_avatar_files",
    "user_avatar_aliases",
    "user_search_words",
    "user_search_terms",
    "user_search_postings",
];

/// Where migrations write down what they did; whoever serves only reads it.
pub const LEDGER: &str = "user_service_migrations";

/// What whoever serves may do with rows.
pub const ROWS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// What is to be there when all is set up.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The database.
    pub database: Name,
    /// The schema in it, where it is not `public`; PostgreSQL only.
    pub schema: Option<Name>,
    /// Who runs migrations and owns the tables.
    pub owner: Account,
    /// Who serves.
    pub runtime: Account,
    /// Hosts from which both may come, as `CREATE USER` writes them; MariaDB and MySQL only.
    pub hosts: String,
    /// Whether passwords of accounts that are there are set anew.
    pub resets_passwords: bool,
}

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its name.
    pub name: Name,
    /// The password that it gets where it is new, or where passwords are set anew.
    pub password: SecretString,
}

/// What is to be done; nothing where all is as it should be.
#[derive(Debug)]
pub struct Plan {
    /// The statements, in their order.
    pub steps: Vec<Step>,
    /// Whether the owner gets its password.
    pub sets_owner_password: bool,
    /// Whether who serves gets its password.
    pub sets_runtime_password: bool,
}
