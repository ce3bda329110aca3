//! `avatars gc`

use std::path::PathBuf;
use std::sync::Arc;

use user_service_adapters_local::SystemClock;
use user_service_application::avatar::{CollectAvatars, Strays};

use crate::cli::AvatarsVerb;
use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::say;
use crate::wiring;

pub(crate) async fn run(file: Option<PathBuf>, verb: AvatarsVerb) -> anyhow::Result<Exit> {
    match verb {
        AvatarsVerb::Gc { scan, dry_run } => {
            let strays = match (scan, dry_run) {
                (false, _) => None,
                (true, false) => Some(Strays::Remove),
                (true, true) => Some(Strays::Count),
            };
            collect(file, strays).await
        }
    }
}

async fn collect(file: Option<PathBuf>, strays: Option<Strays>) -> anyhow::Result<Exit> {
    let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Avatars)?;
    let store = wiring::open_store(&config).await?;
    let files = wiring::open_avatars(&config, None)?.files;
    let collect = CollectAvatars::new(store, files, Arc::new(SystemClock));
    say(&format!("removed: {}", collect.execute().await?));
    match strays {
        Some(Strays::Remove) => say(&format!(
            "strays removed: {}",
            collect.scan(Strays::Remove).await?
        )),
        Some(Strays::Count) => say(&format!(
            "strays found: {}",
            collect.scan(Strays::Count).await?
        )),
        None => {}
    }
    Ok(Exit::Ok)
}
