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
    let (probe, url) = if let Some(url) = url {
        (Probe::new(PATIENCE)?, url)
    } else {
        let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Database)?;
        let address = SocketAddr::new(config.host, config.port);
        let url = probe::url(address, config.tls_cert_file.is_some(), "/health/ready");
        (Probe::of_itself(PATIENCE)?, url)
    };
    match probe.ask(&url).await {
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
