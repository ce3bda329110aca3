//! `sessions prune`

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Duration;
use user_service_adapters_local::SystemClock;
use user_service_application::session::{DropAddresses, PruneSessions};

use crate::cli::SessionsVerb;
use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::say;
use crate::wiring;

pub(crate) async fn run(file: Option<PathBuf>, verb: SessionsVerb) -> anyhow::Result<Exit> {
    match verb {
        SessionsVerb::Prune => prune(file).await,
    }
}

async fn prune(file: Option<PathBuf>) -> anyhow::Result<Exit> {
    let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Database)?;
    let store = wiring::open_store(&config).await?;
    let retention = Duration::days(config.session_retention.into());
    let pruned = PruneSessions::new(Arc::clone(&store), Arc::new(SystemClock), retention)
        .execute()
        .await?;
    let retention = Duration::days(config.session_address_retention.into());
    let addresses = DropAddresses::new(store, Arc::new(SystemClock), retention)
        .execute()
        .await?;
    say(&format!(
        "expired: {}, forgotten: {}, addresses dropped: {addresses}",
        pruned.expired, pruned.forgotten
    ));
    Ok(Exit::Ok)
}
