//! The route that a request took, and how long its requests take.

use std::cell::{OnceCell, RefCell};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use prometheus::Histogram;

use crate::metrics::Metrics;

/// What unmatched requests are counted under.
pub(crate) const UNMATCHED: &str = "none";

/// The methods as metrics and logs know them.
pub(crate) const METHODS: [&str; 7] = [
    "GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "_OTHER",
];

/// The method as metrics and logs know it: one of those that are served, or `_OTHER`.
pub(crate) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}

/// Belongs to a resource of one worker. It keeps the handles of the series that were met before, so that a request
/// finds its own by a short comparison: neither is the pattern put together again, nor are labels hashed.
#[derive(Default)]
pub(crate) struct RouteMeasures {
    pattern: OnceCell<String>,
    durations: RefCell<Vec<(&'static str, StatusCode, Histogram)>>,
}

impl RouteMeasures {
    /// The pattern of the resource that this request came to.
    pub(crate) fn pattern(&self, request: &HttpRequest) -> &str {
        self.pattern
            .get_or_init(|| request.match_pattern().unwrap_or_else(|| UNMATCHED.into()))
    }

    /// A request was answered.
    pub(crate) fn answered(
        &self,
        request: &HttpRequest,
        metrics: &Metrics,
        method: &'static str,
        status: StatusCode,
        took: Duration,
    ) {
        let mut durations = self.durations.borrow_mut();
        let known = durations
            .iter()
            .find(|(of, with, _)| *of == method && *with == status);
        if let Some((.., duration)) = known {
            duration.observe(took.as_secs_f64());
        } else {
            let duration = metrics.duration(method, self.pattern(request), status);
            duration.observe(took.as_secs_f64());
            durations.push((method, status, duration));
        }
    }
}
