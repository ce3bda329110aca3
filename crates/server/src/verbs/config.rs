//! `config check|show|example|reference|retention`

use std::path::PathBuf;

use crate::cli::ConfigVerb;
use crate::config::{self, Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::say;
use crate::retention;
use crate::wiring;

pub(crate) fn run(file: Option<PathBuf>, verb: ConfigVerb) -> anyhow::Result<Exit> {
    let sources = Sources::from_process(file, Vec::new());
    match verb {
        ConfigVerb::Check => {
            wiring::check_engine(&Config::load(&sources, Purpose::Serve)?.database_url)?;
            say("the configuration is good");
        }
        ConfigVerb::Show => say(&config::show(&Config::load(&sources, Purpose::Database)?)),
        ConfigVerb::Example => say(&config::example()),
        ConfigVerb::Reference => say(&config::reference()),
        ConfigVerb::Retention => {
            let config = Config::load(&sources, Purpose::Database)?;
            say(&retention::table(|name| config::value(&config, name)));
        }
    }
    Ok(Exit::Ok)
}
