//! Following a trace (W3C Trace Context) from the caller of a request to whomever the service asks itself.
//!
//! Where traces are sent to a collector, each request, use case, statement and outgoing call is a span of the caller's
//! trace. Where they are not, none of these spans exists, and what is asked of others bears the `traceparent` and
//! `tracestate` that the request came with.

mod context;
#[cfg(feature = "otlp")]
mod otlp;
mod request;
mod task;

use tracing::{Metadata, Span};

pub use context::TraceContext;
#[cfg(feature = "otlp")]
pub use otlp::{Collector, CollectorError, Sampler, Tracing};
pub use request::RequestTrace;
pub use task::Following;

/// The span that log lines of a request belong to; it is made beside those of traces.
pub const LOG_SPAN: &str = "request";

/// Whether a span or event is for the log: every event, and the one span that says to which request it belongs.
pub fn is_logged(metadata: &Metadata<'_>) -> bool {
    metadata.is_event() || metadata.name() == LOG_SPAN
}

/// Whether a span is for traces: all others of this service.
pub fn is_traced(metadata: &Metadata<'_>) -> bool {
    metadata.is_span()
        && metadata.name() != LOG_SPAN
        && metadata.target().starts_with("user_service")
}

/// The header fields that a request to another service bears: of this span where it is sent to a collector, else those
/// that the request came with.
pub(crate) fn outgoing(span: &Span) -> Vec<(&'static str, String)> {
    #[cfg(feature = "otlp")]
    if !span.is_disabled() {
        return otlp::headers_of(span);
    }
    let _ = span;
    task::current().map_or_else(Vec::new, |context| context.headers())
}
