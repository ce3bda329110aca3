//! `search reindex`

use std::path::PathBuf;

use user_service_application::profile::IndexProfiles;

use crate::cli::SearchVerb;
use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::say;
use crate::wiring;

pub(crate) async fn run(file: Option<PathBuf>, verb: SearchVerb) -> anyhow::Result<Exit> {
    match verb {
        SearchVerb::Reindex { all } => reindex(file, all).await,
    }
}

async fn reindex(file: Option<PathBuf>, all: bool) -> anyhow::Result<Exit> {
    let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Database)?;
    let index = IndexProfiles::new(wiring::open_store(&config).await?);
    let indexed = if all {
        index.all().await?
    } else {
        index.execute().await?
    };
    say(&format!("indexed: {indexed}"));
    Ok(Exit::Ok)
}
