//! How much is done at the same time, and for how long.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, web};
use tokio::time::{sleep, timeout};

use crate::problem::{Problem, ProblemType};
use crate::state::State;

/// A body has until the deadline to arrive: whoever is late is told so, and not that the service was.
const GRACE: Duration = Duration::from_millis(500);

/// How long whoever is refused waits for it, so that those who ask again at once do not take up what others need.
const PAUSE: Duration = Duration::from_millis(100);

/// Lets the request through where there is a place for it, and gives it up at its deadline: queries and calls of other
/// services end with it. Problems: 503, 504.
pub(super) async fn call<B: MessageBody>(
    state: Option<&web::Data<State>>,
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let Some(state) = state.filter(|_| !is_exempt(req.path())) else {
        return next.call(req).await;
    };
    let Some(_place) = state.in_flight.place() else {
        state.metrics.shed("in_flight");
        sleep(PAUSE).await;
        return Err(Problem::new(ProblemType::Overloaded).into());
    };
    let limit = if sends_picture(&req) {
        state.limits.upload_timeout
    } else {
        state.limits.request_timeout
    };
    match timeout(limit + GRACE, next.call(req)).await {
        Ok(response) => response,
        Err(_elapsed) => Err(Problem::new(ProblemType::DeadlineExceeded).into()),
    }
}

/// What operators ask is answered under any load, and knows by itself how long it may take.
fn is_exempt(path: &str) -> bool {
    let below = |root| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    below("/health") || below("/metrics")
}

fn sends_picture(req: &ServiceRequest) -> bool {
    req.method() == Method::POST && req.path().trim_end_matches('/').ends_with("/avatar")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_and_metrics_are_exempt() {
        for path in ["/health", "/health/", "/health/live", "/metrics"] {
            assert!(is_exempt(path), "{path}");
        }
        for path in ["/", "/healthy", "/metricsx", "/api/v1/users/health"] {
            assert!(!is_exempt(path), "{path}");
        }
    }
}
