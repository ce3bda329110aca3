//! `/health`, `/health/live`, `/health/ready`.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::join_all;
use serde::Serialize;
use user_service_domain::fault::{Fault, FaultCode};
use utoipa::ToSchema;

use super::Vitals;
use crate::http::query::Parameters;
use crate::problem::{Problem, ProblemBody, ProblemType};

/// How the service is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `healthy`, or `degraded` while something is away that can be done without; `ok` of a probe.
    status: &'static str,
    /// `user-service`
    service: &'static str,
    /// `up` or `down`; where more than a probe was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    database: Option<&'static str>,
    /// `up` or `down` of whatever else is depended on; where more than a probe was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = BTreeMap<String, String>, required = false)]
    dependencies: Option<BTreeMap<&'static str, &'static str>>,
}

const OK: Health = Health {
    status: "ok",
    service: "user-service",
    database: None,
    dependencies: None,
};

/// Sum up health
#[utoipa::path(get, path = "/health", tag = "service", operation_id = "getHealth",
    responses((status = 200, description = "Everything needed is up", body = Health)), security(()))]
pub(crate) async fn summary(vitals: web::Data<Vitals>) -> Result<HttpResponse, Problem> {
    wanted(&vitals)?;
    Ok(HttpResponse::Ok().json(look(&vitals).await?))
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
/// No while it starts, shuts down, or cannot reach what it cannot do without.
#[utoipa::path(get, path = "/health/ready", tag = "service", operation_id = "getReadiness",
    params(("verbose" = Option<String>, Query, description = "Also tell how each dependency is", pattern = "^(|true|false)$", allow_reserved)),
    responses(
        (status = 200, description = "It does", body = Health),
        (status = 400, description = "Invalid query parameter", body = ProblemBody, content_type = "application/problem+json"),
    ), security(()))]
pub(crate) async fn ready(
    req: HttpRequest,
    vitals: web::Data<Vitals>,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&req)?;
    let verbose = parameters.optional("verbose", |text| match text {
        "" | "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Fault::new(
            FaultCode::NotABoolean,
            "must be true, false or empty",
        )),
    });
    let verbose = parameters.finish(verbose.unwrap_or(false))?;
    wanted(&vitals)?;
    let health = look(&vitals).await?;
    Ok(HttpResponse::Ok().json(if verbose { health } else { OK }))
}

/// Whether the service is neither starting nor shutting down.
fn wanted(vitals: &Vitals) -> Result<(), Problem> {
    if vitals.readiness.get() {
        Ok(())
    } else {
        Err(Problem::new(ProblemType::NotReady))
    }
}

/// Asks everything at once. The problem says how each dependency is, too.
async fn look(vitals: &Vitals) -> Result<Health, Problem> {
    let checks = join_all(vitals.dependencies.iter().map(async |dependency| {
        let up = dependency.check().await.is_ok();
        (dependency.name(), dependency.is_essential(), up)
    }));
    let (database, checks) = futures_util::future::join(vitals.store.ping(), checks).await;
    if database.is_err() || checks.iter().any(|(_, essential, up)| *essential && !up) {
        let all = [("database", true, database.is_ok())];
        let all = all.iter().chain(&checks);
        let all: Vec<_> = all
            .map(|(name, _, up)| format!("{name}: {}", if *up { "up" } else { "down" }))
            .collect();
        let detail = format!("What is needed does not answer: {}.", all.join(", "));
        return Err(Problem::because(ProblemType::NotReady, detail));
    }
    let all_up = checks.iter().all(|(.., up)| *up);
    Ok(Health {
        status: if all_up { "healthy" } else { "degraded" },
        service: "user-service",
        database: Some("up"),
        dependencies: Some(
            checks
                .into_iter()
                .map(|(name, _, up)| (name, if up { "up" } else { "down" }))
                .collect(),
        ),
    })
}
