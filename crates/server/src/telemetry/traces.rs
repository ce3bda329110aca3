//! The traces that the standard `OTEL_` settings ask for.

use std::time::Duration;

use user_service_telemetry::trace::{Collector, Sampler, Tracing};

use crate::config::{Config, TracesSampler};

/// How long a request to the collector may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Begins to send traces, where a collector is named.
pub(super) fn start(config: &Config) -> anyhow::Result<Option<Tracing>> {
    let Some(endpoint) = &config.otel_exporter_otlp_endpoint else {
        return Ok(None);
    };
    let headers = config.otel_exporter_otlp_headers.as_ref();
    let ratio = config.otel_traces_sampler_arg.0;
    let tracing = Tracing::start(Collector {
        endpoint: endpoint.to_string(),
        headers: headers
            .map(|headers| headers.expose().collect())
            .unwrap_or_default(),
        timeout: TIMEOUT,
        sampler: match config.otel_traces_sampler {
            TracesSampler::AlwaysOn => Sampler::AlwaysOn,
            TracesSampler::AlwaysOff => Sampler::AlwaysOff,
            TracesSampler::TraceIdRatio => Sampler::Ratio(ratio),
            TracesSampler::ParentBasedAlwaysOn => Sampler::ParentOrAll,
            TracesSampler::ParentBasedAlwaysOff => Sampler::ParentOrNone,
            TracesSampler::ParentBasedTraceIdRatio => Sampler::ParentOrRatio(ratio),
        },
        service: config.otel_service_name.clone(),
        version: env!("CARGO_PKG_VERSION"),
        attributes: config.otel_resource_attributes.0.clone(),
    })?;
    Ok(Some(tracing))
}
