//! `healthcheck`: for containers that have no other client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::{complain, say};

pub(crate) async fn run(file: Option<PathBuf>, url: Option<String>) -> anyhow::Result<Exit> {
    let url = if let Some(url) = url {
        url
    } else {
        let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Database)?;
        let host = match config.host {
            IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            host => host,
        };
        format!(
            "http://{}/health/ready",
            std::net::SocketAddr::new(host, config.port)
        )
    };
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .build()?;
    match client.get(&url).send().await {
        Ok(response) if response.status().is_success() => {
            say("ready");
            Ok(Exit::Ok)
        }
        Ok(response) => {
            complain(&format!("not ready: {}", response.status()));
            Ok(Exit::Unavailable)
        }
        Err(error) => {
            complain(&format!("no answer: {error}"));
            Ok(Exit::Unavailable)
        }
    }
}
