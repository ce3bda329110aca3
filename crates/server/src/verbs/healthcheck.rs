//! `healthcheck`: for containers that have no other client.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::{complain, say};
use crate::probe::{self, Probe};

/// Readiness may wait for the database as long as `DB_ACQUIRE_TIMEOUT`.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) async fn run(file: Option<PathBuf>, url: Option<String>) -> anyhow::Result<Exit> {
    let url = if let Some(url) = url {
        url
    } else {
        let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Database)?;
        probe::url(SocketAddr::new(config.host, config.port), "/health/ready")
    };
    match Probe::new(PATIENCE)?.ask(&url).await {
        Ok(status) if status.is_success() => {
            say("ready");
            Ok(Exit::Ok)
        }
        Ok(status) => {
            complain(&format!("not ready: {status}"));
            Ok(Exit::Unavailable)
        }
        Err(error) => {
            complain(&format!("no answer: {error}"));
            Ok(Exit::Unavailable)
        }
    }
}
