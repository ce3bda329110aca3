//! `users export|import`

mod checkpoint;
mod export;
mod import;
mod input;
mod interrupt;
mod private_file;
mod progress;
mod python_service;
mod rejects;
mod tally;

use std::path::{Path, PathBuf};

use user_service_adapters_python_service::SourceError;
use user_service_bulk_files::{Format, ReadError};

use crate::cli::UsersVerb;
use crate::exit::Exit;
use checkpoint::CheckpointError;

/// What the command line says makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Misused(&'static str);

pub(crate) async fn run(file: Option<PathBuf>, verb: UsersVerb) -> anyhow::Result<Exit> {
    match verb {
        UsersVerb::Export(args) => export::run(file, args).await,
        UsersVerb::Import(args) => {
            if args.from_python_service.is_some() || args.from_python_service_file.is_some() {
                python_service::run(file, *args).await
            } else {
                import::run(file, *args).await
            }
        }
    }
}

/// The exit code that an error of these verbs asks for.
pub(crate) fn exit_of(error: &anyhow::Error) -> Option<Exit> {
    if error.is::<Misused>() {
        return Some(Exit::Usage);
    }
    match error.downcast_ref::<ReadError>() {
        Some(ReadError::Io(_)) => return Some(Exit::Failure),
        Some(_) => return Some(Exit::DataFaults),
        None => {}
    }
    if error.is::<CheckpointError>() {
        return Some(Exit::DataFaults);
    }
    match error.downcast_ref::<SourceError>()? {
        SourceError::Unreadable(_) => Some(Exit::Unavailable),
        SourceError::Ours | SourceError::Repeated(_) => Some(Exit::DataFaults),
    }
}

/// Whether it stands for standard input or output.
fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// As it is said, else by the file's name, else NDJSON.
fn format(said: Option<&str>, path: &Path) -> Result<Format, Misused> {
    match said {
        None => Ok(Format::of_path(path).unwrap_or(Format::Ndjson)),
        Some(said) => Format::named(said).ok_or(Misused("--format must be ndjson or csv")),
    }
}
