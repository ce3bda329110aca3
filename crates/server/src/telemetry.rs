//! Logs: one line an event, JSON or for people, on standard error.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::config::Config;

/// Libraries that tell at `info` what we tell ourselves; `LOG_LEVEL` may name them again.
const QUIET: &str = "actix_server=warn,sea_orm_migration=warn";

/// Starts logging as configured.
pub(crate) fn start(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", config.log_level.0))?;
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if config.json_logs {
        builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init()
    } else {
        builder.try_init()
    };
    started.map_err(|error| anyhow::anyhow!("logging could not start: {error}"))
}
