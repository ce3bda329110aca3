//! `db setup`

mod setup;
mod urls;

use std::path::PathBuf;

use crate::cli::DbVerb;
use crate::exit::Exit;

pub(crate) async fn run(file: Option<PathBuf>, verb: DbVerb) -> anyhow::Result<Exit> {
    match verb {
        DbVerb::Setup(args) => setup::run(file, args).await,
    }
}
