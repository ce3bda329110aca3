//! `doctor`: looks at everything that the service depends on, and changes nothing.

mod database;
mod finding;
mod services;

use std::path::PathBuf;

use self::finding::{Finding, exit_of, for_people, for_programs};
use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::say;

pub(crate) async fn run(file: Option<PathBuf>, json: bool) -> anyhow::Result<Exit> {
    let sources = Sources::from_process(file, Vec::new());
    let (config, mut findings) = configuration(&sources);
    if let Some(config) = &config {
        let (database, services) = tokio::join!(database::check(config), services::check(config));
        findings.extend(database);
        findings.extend(services);
    }
    let exit = exit_of(&findings);
    say(&if json {
        for_programs(&findings, exit)
    } else {
        for_people(&findings)
    });
    Ok(exit)
}

/// The configuration. Where it has faults it may still be good enough to look at the rest.
fn configuration(sources: &Sources) -> (Option<Config>, Vec<Finding>) {
    const CHECK: &str = "configuration";
    let faults = match Config::load(sources, Purpose::Serve) {
        Ok(config) => return (Some(config), vec![Finding::good(CHECK, "no faults")]),
        Err(faults) => faults.0,
    };
    let findings = faults
        .into_iter()
        .map(|fault| {
            let fix = format!(
                "correct {}; `user-service config example` tells about each setting",
                fault.name
            );
            Finding::failed(CHECK, Exit::Config, fault.to_string(), fix)
        })
        .collect();
    (Config::load(sources, Purpose::Database).ok(), findings)
}
