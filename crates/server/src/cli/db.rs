//! The command line of `db`. No password is an argument: others can see those.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What `db` can do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DbVerb {
    /// Make a database, an account that owns its tables and runs migrations, and one that serves and may do no more
    /// than read and write rows. What is there already is left as it is. The administrator is in `DATABASE_ADMIN_URL`.
    Setup(SetupArgs),
}

/// Options of `db setup`.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each flag stands for itself")]
pub(crate) struct SetupArgs {
    /// The database.
    #[arg(long, value_name = "NAME", default_value = "users")]
    pub(crate) database: String,
    /// The schema in the database, for one that other services use, too (PostgreSQL).
    #[arg(long, value_name = "NAME")]
    pub(crate) schema: Option<String>,
    /// The account that owns the tables.
    #[arg(long, value_name = "NAME", default_value = "user_service_owner")]
    pub(crate) owner: String,
    /// The account that serves.
    #[arg(long, value_name = "NAME", default_value = "user_service")]
    pub(crate) runtime: String,
    /// From which hosts both may come, as CREATE USER writes them (MariaDB, MySQL).
    #[arg(long, value_name = "PATTERN", default_value = "%")]
    pub(crate) hosts: String,
    /// Print the SQL, with passwords masked, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Keep the two URLs, with passwords, in `owner.url` and `runtime.url` of this directory, which only their owner
    /// can read; `DATABASE_URL_FILE` takes them. Passwords that are there are used again.
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) out: Option<PathBuf>,
    /// Print the URLs with their passwords.
    #[arg(long)]
    pub(crate) show_passwords: bool,
    /// Set the passwords of accounts that are there anew.
    #[arg(long)]
    pub(crate) reset_passwords: bool,
    /// Ask for the administrator's password at the terminal.
    #[arg(long)]
    pub(crate) ask_password: bool,
}
