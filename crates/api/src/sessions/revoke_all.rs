//! `DELETE /users/{id}/sessions`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use user_service_domain::fault::{Fault, FaultCode};
use utoipa::ToSchema;

use crate::http::caller::known_caller;
use crate::http::query::Parameters;
use crate::http::target;
use crate::problem::Problem;
use crate::state::State;

/// How many sessions were ended.
#[derive(Serialize, ToSchema)]
#[schema(as = RevokedSessions)]
pub(crate) struct RevokedBody {
    /// A sentence.
    message: &'static str,
    /// How many.
    #[schema(minimum = 0)]
    revoked_count: usize,
}

/// End all sessions
///
/// With `except=current` all but that of the token that asks.
#[utoipa::path(
    delete, path = "/users/{id}/sessions", tag = "sessions", operation_id = "revokeSessions",
    params(
        ("id" = String, Path, format = Uuid, description = "A profile id, or `me`"),
        ("except" = Option<String>, Query, description = "`current` keeps the session of the token", pattern = "^current$"),
    ),
    responses((status = 200, description = "They are over", body = RevokedBody)),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    let key = target::profile(&req, &caller)?;
    let mut parameters = Parameters::of(&req)?;
    let except = parameters.optional("except", |text| match text {
        "current" => Ok(()),
        _ => Err(Fault::new(FaultCode::NotCurrent, "must be current")),
    });
    let keep_current = parameters.finish(except.is_some())?;
    let revoked_count = state
        .revoke_sessions
        .execute(&caller, key, keep_current)
        .await?;
    let message = if keep_current {
        "All other sessions were ended."
    } else {
        "All sessions were ended."
    };
    Ok(HttpResponse::Ok().json(RevokedBody {
        message,
        revoked_count,
    }))
}
