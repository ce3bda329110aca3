//! Requests to another service.

use std::sync::Arc;
use std::time::Instant;

use prometheus::HistogramVec;
use tracing::{Instrument as _, Span, field};

use crate::trace;

/// Measures requests to one service, each in a span of its own. By default it measures nothing.
///
/// Neither a metric nor a span tells the path: it holds identifiers.
#[derive(Clone, Debug, Default)]
pub struct HttpClientMeasures(Option<Measures>);

#[derive(Clone, Debug)]
struct Measures {
    address: Arc<str>,
    durations: HistogramVec,
}

impl HttpClientMeasures {
    pub(super) fn new(address: &str, durations: HistogramVec) -> Self {
        Self(Some(Measures {
            address: address.into(),
            durations,
        }))
    }

    /// Begins a request; `method` is one of those that this service uses.
    pub fn begin(&self, method: &str) -> Call {
        let address = self.0.as_ref().map_or("", |measures| &*measures.address);
        let span = tracing::info_span!(
            "http.client",
            otel.kind = "client",
            otel.name = method,
            otel.status_code = field::Empty,
            http.request.method = method,
            http.response.status_code = field::Empty,
            server.address = address,
            "error.type" = field::Empty,
        );
        Call {
            measures: self.0.clone(),
            method: method.to_owned(),
            span,
            at: Instant::now(),
            outcome: Outcome::GivenUp,
        }
    }
}

/// A request that is under way. Dropping it ends it.
#[derive(Debug)]
pub struct Call {
    measures: Option<Measures>,
    method: String,
    span: Span,
    at: Instant,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Answered(u16),
    Failed(&'static str),
    GivenUp,
}

impl Call {
    /// The header fields by which the service continues the trace (W3C Trace Context).
    pub fn trace_headers(&self) -> Vec<(&'static str, String)> {
        trace::outgoing(&self.span)
    }

    /// Runs a part of it.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.span.clone()).await
    }

    /// It was answered with this status.
    pub fn answered(&mut self, status: u16) {
        self.outcome = Outcome::Answered(status);
    }

    /// It brought nothing; `why` is one of a few words of the caller's.
    pub fn failed(&mut self, why: &'static str) {
        self.outcome = Outcome::Failed(why);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let (status, error) = match self.outcome {
            // There are no others; a server that invents some makes no series of its own.
            Outcome::Answered(status @ 100..=599) => (status.to_string(), ""),
            Outcome::Answered(_) => (String::new(), "_OTHER"),
            Outcome::Failed(why) => (String::new(), why),
            Outcome::GivenUp => (String::new(), "given_up"),
        };
        if !self.span.is_disabled() {
            if let Outcome::Answered(status) = self.outcome {
                self.span.record("http.response.status_code", status);
            }
            let failed = !matches!(self.outcome, Outcome::Answered(100..=399));
            if failed {
                let kind = if error.is_empty() { &status } else { error };
                self.span.record("error.type", kind);
                self.span.record("otel.status_code", "ERROR");
            }
        }
        if let Some(measures) = &self.measures {
            measures
                .durations
                .with_label_values(&[&self.method, &*measures.address, &status, error])
                .observe(self.at.elapsed().as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus::Registry;
    use prometheus::proto::LabelPair;

    use crate::Instruments;

    #[test]
    fn a_request_is_counted_by_what_became_of_it() {
        let registry = Registry::new();
        let measures = Instruments::new(&registry)
            .unwrap()
            .http_client("files.example");
        measures.begin("GET").answered(200);
        measures.begin("GET").answered(999);
        measures.begin("PUT").failed("timeout");
        drop(measures.begin("PUT"));
        let mut found: Vec<String> = registry
            .gather()
            .iter()
            .filter(|family| family.name().starts_with("http_client"))
            .flat_map(|family| family.get_metric().to_vec())
            .map(|metric| {
                let labels = metric.get_label().iter().map(LabelPair::value);
                labels.collect::<Vec<_>>().join("|")
            })
            .collect();
        found.sort();
        assert_eq!(
            found,
            [
                "_OTHER|GET||files.example",
                "given_up|PUT||files.example",
                "timeout|PUT||files.example",
                "|GET|200|files.example",
            ]
        );
    }
}
