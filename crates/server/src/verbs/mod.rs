//! What the program can do, a file each.

pub(crate) mod avatars;
pub(crate) mod config;
pub(crate) mod db;
pub(crate) mod doctor;
pub(crate) mod healthcheck;
pub(crate) mod man;
pub(crate) mod migrate;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod sessions;
pub(crate) mod token;
pub(crate) mod users;

use std::path::PathBuf;

use clap::CommandFactory;
use clap_complete::Shell;
use user_service_adapters_sql::setup::{ConnectError, SetupError};
use user_service_application::UseCaseError;
use user_service_domain::store::StoreError;
use user_service_migration::MigrateError;

use crate::cli::Cli;
use crate::config::{Config, ConfigErrors, Purpose, Sources};
use crate::exit::Exit;
use crate::output::say;
use crate::wiring::{COMPILED_IN, NotCompiledIn};

/// Migrations have to be applied first.
#[derive(Debug, thiserror::Error)]
#[error("{0} migrations are pending; run `user-service migrate up`, or serve with --migrate")]
pub(crate) struct MigrationsPending(pub(crate) usize);

/// The exit code that an error asks for.
pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    if error.is::<ConfigErrors>() || error.is::<NotCompiledIn>() {
        return Exit::Config;
    }
    if error.is::<MigrationsPending>() {
        return Exit::MigrationsPending;
    }
    if let Some(exit) = users::exit_of(error) {
        return exit;
    }
    if let Some(UseCaseError::Unavailable(_) | UseCaseError::AvatarsUnavailable(_)) =
        error.downcast_ref()
    {
        return Exit::Unavailable;
    }
    match error.downcast_ref() {
        Some(SetupError::Connect(_, ConnectError::Unreachable(_) | ConnectError::Busy)) => {
            return Exit::Unavailable;
        }
        Some(SetupError::Connect(..) | SetupError::Refused(_)) => return Exit::Config,
        Some(SetupError::Statement(..)) | None => {}
    }
    match (
        error.downcast_ref::<MigrateError>(),
        error.downcast_ref::<StoreError>(),
    ) {
        (Some(MigrateError::NotCompiledIn(_) | MigrateError::Newer(_)), _) => Exit::Config,
        (Some(MigrateError::LockedOut(_)), _) => Exit::MigrationsPending,
        (Some(MigrateError::Unavailable(_)), _) | (_, Some(StoreError::Unavailable(_))) => {
            Exit::Unavailable
        }
        _ => Exit::Failure,
    }
}

/// `openapi`
pub(crate) fn openapi(file: Option<PathBuf>) -> anyhow::Result<Exit> {
    let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Database)?;
    say(&user_service_api::document(&config.api_v1_prefix));
    Ok(Exit::Ok)
}

/// `problems`
pub(crate) fn problems() -> Exit {
    say(&user_service_api::reference());
    Exit::Ok
}

/// `version`
pub(crate) fn version(json: bool) -> Exit {
    let version = env!("CARGO_PKG_VERSION");
    if json {
        say(&serde_json::json!({ "version": version, "adapters": COMPILED_IN }).to_string());
    } else {
        say(&format!(
            "user-service {version} ({})",
            COMPILED_IN.join(", ")
        ));
    }
    Exit::Ok
}

/// `completions`
pub(crate) fn completions(shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "user-service", &mut script);
    say(&String::from_utf8_lossy(&script));
    Exit::Ok
}
