//! `/metrics`

use actix_web::{HttpResponse, web};

use super::Vitals;
use crate::problem::{Problem, ProblemType};

/// Read metrics
///
/// In the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "service", operation_id = "getMetrics",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain")), security(()))]
pub(crate) async fn handle(vitals: web::Data<Vitals>) -> Result<HttpResponse, Problem> {
    if !vitals.serves_metrics {
        return Err(Problem::new(ProblemType::NotFound));
    }
    match vitals.metrics.render(&vitals).await {
        Ok(text) => Ok(HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .body(text)),
        Err(error) => {
            tracing::error!(error = %error, "metrics could not be written");
            Err(Problem::new(ProblemType::Internal))
        }
    }
}
