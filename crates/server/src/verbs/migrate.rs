//! `migrate up|down|status|plan`

use std::fmt::Write;
use std::path::PathBuf;

use secrecy::ExposeSecret;
use user_service_migration as migration;

use crate::cli::MigrateVerb;
use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::{complain, say};
use crate::wiring;

pub(crate) async fn run(file: Option<PathBuf>, verb: MigrateVerb) -> anyhow::Result<Exit> {
    let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Database)?;
    wiring::check_engine(&config.database_url)?;
    let url = config.database_url.url.expose_secret();
    match verb {
        MigrateVerb::Up => report("applied", &migration::up(url).await?),
        MigrateVerb::Down { steps } => report("undone", &migration::down(url, steps).await?),
        MigrateVerb::Status => {
            let all = migration::status(url).await?;
            let mut text = String::new();
            for change in &all {
                let state = match (change.known, change.applied) {
                    (true, true) => "applied",
                    (true, false) => "pending",
                    (false, _) => "newer",
                };
                let _ = writeln!(text, "{state:<7}  {}", change.name);
            }
            say(&text);
            if all.iter().any(|change| !change.applied) {
                return Ok(Exit::MigrationsPending);
            }
        }
        MigrateVerb::Plan => {
            let script = migration::script(url).await?;
            say(script.as_deref().unwrap_or("-- nothing is pending"));
        }
    }
    Ok(Exit::Ok)
}

fn report(what: &str, names: &[String]) {
    for name in names {
        say(&format!("{what}  {name}"));
    }
    if names.is_empty() {
        complain("there was nothing to do");
    }
}
