//! `GET /users/{id}/sessions`.

use actix_web::{HttpRequest, HttpResponse, web};
use user_service_domain::fault::{Fault, FaultCode};
use user_service_domain::session::SessionFilter;

use super::SessionBody;
use crate::http::caller::known_caller;
use crate::http::query::Parameters;
use crate::http::{conditional, target};
use crate::problem::Problem;
use crate::state::State;

/// List sessions
///
/// Newest activity first. `is_current` marks the session of the token that asks.
#[utoipa::path(
    get, path = "/users/{id}/sessions", tag = "sessions", operation_id = "listSessions",
    params(
        ("id" = String, Path, format = Uuid, description = "A profile id, or `me`"),
        ("state" = Option<String>, Query, description = "`active` (the default), `ended`, or `all`", pattern = "^(active|ended|all)$"),
    ),
    responses((status = 200, description = "The sessions", body = Vec<SessionBody>)),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    conditional::accepts_json(&req)?;
    let key = target::profile(&req, &caller)?;
    let filter = read(&req);
    let list = match filter {
        Ok(filter) => state.list_sessions.execute(&caller, key, filter).await?,
        // Who may not do this at all does not learn its rules.
        Err(faults) => {
            let nothing = SessionFilter::default();
            state.list_sessions.execute(&caller, key, nothing).await?;
            return Err(faults);
        }
    };
    let now = state.clock.now();
    let bodies: Vec<_> = list
        .sessions
        .iter()
        .map(|session| SessionBody::of(session, &caller, list.is_own, now))
        .collect();
    let mut response = HttpResponse::Ok();
    conditional::private(&mut response);
    Ok(response.json(bodies))
}

fn read(req: &HttpRequest) -> Result<SessionFilter, Problem> {
    let mut parameters = Parameters::of(req)?;
    let filter = parameters.optional("state", |text| match text {
        "active" => Ok(SessionFilter::Active),
        "ended" => Ok(SessionFilter::Ended),
        "all" => Ok(SessionFilter::All),
        _ => Err(Fault::new(
            FaultCode::NotAState,
            "must be active, ended or all",
        )),
    });
    parameters.finish(filter.unwrap_or_default())
}
