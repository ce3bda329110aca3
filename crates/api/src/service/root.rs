//! `GET /`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::State;

/// What this is and where to go on.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceInfo {
    /// `user-service`
    service: &'static str,
    /// The base path of the API.
    api: String,
    /// The documentation for people.
    docs: &'static str,
    /// The documentation for programs.
    openapi: &'static str,
    /// The summary of health.
    health: &'static str,
}

/// Say what this is
#[utoipa::path(get, path = "/", tag = "service", operation_id = "getService",
    responses((status = 200, description = "Where to go on", body = ServiceInfo)), security(()))]
pub(crate) async fn handle(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(ServiceInfo {
        service: "user-service",
        api: state.limits.prefix.clone(),
        docs: "/docs",
        openapi: "/openapi.json",
        health: "/health",
    })
}
