//! `/health`, `/health/live`, `/health/ready`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::{Problem, ProblemType};
use crate::state::State;

/// How the service is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `healthy`, `unhealthy`, or `ok` of a probe.
    status: &'static str,
    /// `user-service`
    service: &'static str,
    /// `up` or `down`; in the summary alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    database: Option<&'static str>,
}

const OK: Health = Health {
    status: "ok",
    service: "user-service",
    database: None,
};

/// Sum up health
#[utoipa::path(get, path = "/health", tag = "service", operation_id = "getHealth",
    responses((status = 200, description = "Everything is up", body = Health)), security(()))]
pub(crate) async fn summary(state: web::Data<State>) -> Result<HttpResponse, Problem> {
    if state.store.ping().await.is_err() {
        return Err(Problem::because(
            ProblemType::NotReady,
            "The database does not answer.",
        ));
    }
    Ok(HttpResponse::Ok().json(Health {
        status: "healthy",
        service: "user-service",
        database: Some("up"),
    }))
}

/// Tell whether the process lives
///
/// Asks nobody else.
#[utoipa::path(get, path = "/health/live", tag = "service", operation_id = "getLiveness",
    responses((status = 200, description = "It lives", body = Health)), security(()))]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(OK)
}

/// Tell whether the service wants traffic
///
/// No while it starts, shuts down, or cannot reach its database.
#[utoipa::path(get, path = "/health/ready", tag = "service", operation_id = "getReadiness",
    responses((status = 200, description = "It does", body = Health)), security(()))]
pub(crate) async fn ready(state: web::Data<State>) -> Result<HttpResponse, Problem> {
    if !state.readiness.get() {
        return Err(Problem::new(ProblemType::NotReady));
    }
    if state.store.ping().await.is_err() {
        return Err(Problem::because(
            ProblemType::NotReady,
            "The database does not answer.",
        ));
    }
    Ok(HttpResponse::Ok().json(OK))
}
