//! `/health`, `/health/live`, `/health/ready`.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::join_all;
use serde::Serialize;
use user_service_domain::fault::Fault;
use utoipa::ToSchema;

use crate::http::query::Parameters;
use crate::problem::{Problem, ProblemBody, ProblemType};
use crate::state::State;

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
pub(crate) async fn summary(state: web::Data<State>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(look(&state).await?))
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
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of(&req)?;
    let verbose = parameters.optional("verbose", |text| match text {
        "" | "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Fault::new("not_a_boolean", "must be true, false or empty")),
    });
    let verbose = parameters.finish(verbose.unwrap_or(false))?;
    if !state.readiness.get() {
        return Err(Problem::new(ProblemType::NotReady));
    }
    let health = look(&state).await?;
    Ok(HttpResponse::Ok().json(if verbose { health } else { OK }))
}

/// Asks everything at once.
async fn look(state: &State) -> Result<Health, Problem> {
    let away =
        |name: &str| Problem::because(ProblemType::NotReady, format!("{name} does not answer."));
    let checks = join_all(state.dependencies.iter().map(async |dependency| {
        let up = dependency.check().await.is_ok();
        (dependency.name(), dependency.is_essential(), up)
    }));
    let (database, checks) = futures_util::future::join(state.store.ping(), checks).await;
    if database.is_err() {
        return Err(away("The database"));
    }
    if let Some((name, ..)) = checks.iter().find(|(_, essential, up)| *essential && !up) {
        return Err(away(name));
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
