//! The span of a request.

use std::sync::Arc;

use tracing::{Instrument as _, Span, field};

use super::{TraceContext, task};

/// A request as a part of a trace.
#[derive(Debug)]
pub struct RequestTrace {
    context: Option<Arc<TraceContext>>,
    span: Span,
    ids: Option<(String, String)>,
}

impl RequestTrace {
    /// Begins with the arrival of a request; `method` is a known one, or `_OTHER`.
    pub fn begin(context: Option<TraceContext>, method: &'static str) -> Self {
        let span = tracing::info_span!(
            "http.server",
            otel.kind = "server",
            otel.name = method,
            otel.status_code = field::Empty,
            http.request.method = method,
            http.route = field::Empty,
            http.response.status_code = field::Empty,
        );
        let ids = if span.is_disabled() {
            None
        } else {
            begin(&span, context.as_ref())
        };
        Self {
            context: context.map(Arc::new),
            span,
            ids,
        }
    }

    /// The trace, for the log: 32 hexadecimal digits.
    pub fn trace_id(&self) -> Option<&str> {
        match &self.ids {
            Some((trace, _)) => Some(trace),
            None => self.context.as_ref().map(|context| context.trace_id()),
        }
    }

    /// The span within the trace, for the log: 16 hexadecimal digits. `None` where traces are not sent.
    pub fn span_id(&self) -> Option<&str> {
        self.ids.as_ref().map(|(_, span)| span.as_str())
    }

    /// Works on the request; the log's span is within that of the trace.
    pub async fn run<T>(&self, log: Span, work: impl Future<Output = T>) -> T {
        let work = task::within(self.context.clone(), work);
        if self.span.is_disabled() {
            work.instrument(log).await
        } else {
            work.instrument(log).instrument(self.span.clone()).await
        }
    }

    /// It was answered. `route` is a pattern, not the path.
    pub fn answered(&self, method: &'static str, route: Option<&str>, status: u16) {
        if self.span.is_disabled() {
            return;
        }
        if let Some(route) = route {
            self.span.record("http.route", route);
            rename(&self.span, format!("{method} {route}"));
        }
        self.span.record("http.response.status_code", status);
        // Of a server, answers about the caller's mistakes are no errors.
        if status >= 500 {
            self.span.record("otel.status_code", "ERROR");
        }
    }
}

#[cfg(feature = "otlp")]
fn begin(span: &Span, context: Option<&TraceContext>) -> Option<(String, String)> {
    if let Some(context) = context {
        super::otlp::continue_trace(span, context);
    }
    super::otlp::ids_of(span)
}

#[cfg(feature = "otlp")]
fn rename(span: &Span, name: String) {
    super::otlp::rename(span, name);
}

#[cfg(not(feature = "otlp"))]
fn rename(_: &Span, _: String) {}

#[cfg(not(feature = "otlp"))]
fn begin(_: &Span, _: Option<&TraceContext>) -> Option<(String, String)> {
    None
}
