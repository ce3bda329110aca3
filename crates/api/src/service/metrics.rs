//! `/metrics`

use actix_web::{HttpResponse, web};

use crate::problem::{Problem, ProblemType};
use crate::state::State;

/// Read metrics
///
/// In the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "service", operation_id = "getMetrics",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain")), security(()))]
pub(crate) async fn handle(state: web::Data<State>) -> Result<HttpResponse, Problem> {
    if !state.settings.serves_metrics {
        return Err(Problem::new(ProblemType::NotFound));
    }
    let feed_age = state.watch.age();
    let text = state.metrics.render(&state.dependencies, feed_age).await;
    match text {
        Ok(text) => Ok(HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .body(text)),
        Err(error) => {
            tracing::error!(error = %error, "metrics could not be written");
            Err(Problem::new(ProblemType::Internal))
        }
    }
}
