//! Other levels while the program runs.

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::reload::Handle;
use tracing_subscriber::{EnvFilter, Registry};

use crate::config::{Config, Purpose, Sources};

/// What is logged; it can be changed.
#[derive(Clone)]
pub(crate) struct Levels(Handle<EnvFilter, Registry>);

impl Levels {
    pub(super) fn new(handle: Handle<EnvFilter, Registry>) -> Self {
        Self(handle)
    }

    /// Reads `LOG_LEVEL` anew at each SIGHUP, from where the configuration came from. A configuration with faults
    /// changes nothing. Every other setting stays as it is.
    pub(crate) fn follow_hangups(self, sources: Sources, purpose: Purpose) -> std::io::Result<()> {
        let mut hangups = signal(SignalKind::hangup())?;
        tokio::spawn(async move {
            while hangups.recv().await.is_some() {
                let sources = sources.clone();
                let loaded =
                    tokio::task::spawn_blocking(move || Config::load(&sources, purpose)).await;
                match loaded {
                    Ok(Ok(config)) => self.set(&config.log_level.0),
                    Ok(Err(faults)) => {
                        tracing::warn!(%faults, "the levels of the log stay as they are");
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the levels of the log stay as they are");
                    }
                }
            }
        });
        Ok(())
    }

    fn set(&self, levels: &str) {
        let set = super::filter(levels).and_then(|filter| Ok(self.0.reload(filter)?));
        match set {
            // Told at a level that is seen even where little is logged.
            Ok(()) => tracing::warn!(levels, "the levels of the log were read anew"),
            Err(error) => tracing::warn!(%error, "the levels of the log stay as they are"),
        }
    }
}
