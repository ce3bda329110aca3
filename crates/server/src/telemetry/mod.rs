//! Logs, one line an event on standard error, and traces where a collector is named.

mod json_line;
mod reload;
#[cfg(feature = "otlp")]
mod traces;

use std::io::IsTerminal as _;

use tracing_subscriber::filter::{FilterExt as _, LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload::Handle;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};
use user_service_telemetry::trace;

use self::json_line::JsonLine;
pub(crate) use self::reload::Levels;
use crate::config::{Config, LogFormat};

/// Libraries that tell what we tell ourselves, or what callers do wrong; `LOG_LEVEL` may name them again.
const QUIET: &str = "actix_server=warn,actix_http::h1=off,sea_orm_migration=warn";

/// What was started.
pub(crate) struct Telemetry {
    /// What is logged.
    pub(crate) levels: Levels,
    #[cfg(feature = "otlp")]
    traces: Option<trace::Tracing>,
}

/// Starts logging, and traces where a collector is named.
pub(crate) fn start(config: &Config) -> anyhow::Result<Telemetry> {
    #[cfg(not(feature = "otlp"))]
    if config.otel_exporter_otlp_endpoint.is_some() {
        return Err(crate::wiring::NotCompiledIn::of("OTEL_EXPORTER_OTLP_ENDPOINT", "otlp").into());
    }
    let (lines, handle) = lines(&config.log_level.0, is_json(config))?;
    let subscriber = tracing_subscriber::registry().with(lines);
    #[cfg(feature = "otlp")]
    let traces = traces::start(config)?;
    // No layer at all, not one that is `None`: that one would want every span.
    #[cfg(feature = "otlp")]
    let started = match &traces {
        Some(traces) => subscriber.with(traces.layer()).try_init(),
        None => subscriber.try_init(),
    };
    #[cfg(not(feature = "otlp"))]
    let started = subscriber.try_init();
    started.map_err(|error| anyhow::anyhow!("logging could not start: {error}"))?;
    Ok(Telemetry {
        levels: Levels::new(handle),
        #[cfg(feature = "otlp")]
        traces,
    })
}

impl Telemetry {
    /// Sends the traces that are left.
    pub(crate) async fn stop(self) {
        #[cfg(feature = "otlp")]
        if let Some(traces) = self.traces {
            drop(tokio::task::spawn_blocking(move || traces.stop()).await);
        }
    }
}

/// The layer of the log, and what changes its levels.
fn lines(
    levels: &str,
    json: bool,
) -> anyhow::Result<(
    impl Layer<Registry> + Send + Sync,
    Handle<EnvFilter, Registry>,
)> {
    let (filter, handle) = tracing_subscriber::reload::Layer::new(filter(levels)?);
    // Spans of traces are none of the log's business: where nobody else wants them they do not come to be.
    let logged = filter_fn(trace::is_logged).with_max_level_hint(LevelFilter::TRACE);
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if std::io::stderr().is_terminal() {
        lines
    } else {
        lines.with_ansi(false)
    };
    let lines = if json {
        lines
            .fmt_fields(JsonFields::new())
            .event_format(JsonLine)
            .boxed()
    } else {
        lines.boxed()
    };
    Ok((lines.with_filter(filter.and(logged)), handle))
}

fn filter(levels: &str) -> anyhow::Result<EnvFilter> {
    Ok(EnvFilter::try_new(format!("{QUIET},{levels}"))?)
}

fn is_json(config: &Config) -> bool {
    match config.log_format {
        Some(LogFormat::Json) => true,
        Some(LogFormat::Pretty) => false,
        Some(LogFormat::Auto) => !std::io::stderr().is_terminal(),
        None => config.json_logs,
    }
}

#[cfg(test)]
mod tests {
    use tracing::{info_span, subscriber};

    use super::*;

    #[test]
    fn without_a_collector_no_span_of_traces_comes_to_be() {
        let (lines, _handle) = lines("info", true).unwrap();
        // What is below is decided by one number, without asking anybody.
        let most = Layer::<Registry>::max_level_hint(&lines);
        assert_eq!(most, Some(LevelFilter::INFO));
        subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            assert!(!info_span!("request").is_disabled());
            for span in [
                info_span!(target: "user_service_api", "http.server"),
                info_span!(target: "user_service_application", "profile.get"),
                info_span!(target: "user_service_telemetry", "db"),
            ] {
                assert!(span.is_disabled(), "{span:?}");
            }
        });
    }

    #[test]
    fn levels_can_be_changed() {
        let (lines, handle) = lines("info", true).unwrap();
        subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            assert!(tracing::event_enabled!(tracing::Level::INFO));
            handle.reload(filter("warn").unwrap()).unwrap();
            assert!(!tracing::event_enabled!(tracing::Level::INFO));
            handle.reload(filter("debug").unwrap()).unwrap();
            assert!(tracing::event_enabled!(tracing::Level::DEBUG));
        });
    }
}
