//! `DELETE /users/{id}/sessions/{session_id}`.

use actix_web::{HttpRequest, HttpResponse, web};
use user_service_application::session::Which;
use user_service_domain::ids::SessionId;
use uuid::Uuid;

use crate::http::caller::known_caller;
use crate::http::target;
use crate::problem::{Problem, ProblemType};
use crate::state::State;

/// End a session
///
/// Its tokens are refused from then on, by every replica within a second. One that is over stays as it is.
#[utoipa::path(
    delete, path = "/users/{id}/sessions/{session_id}", tag = "sessions", operation_id = "revokeSession",
    params(
        ("id" = String, Path, format = Uuid, description = "A profile id, or `me`"),
        ("session_id" = String, Path, format = Uuid, description = "A session id, or `current` for that of the token"),
    ),
    responses((status = 204, description = "It is over")),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    let key = target::profile(&req, &caller)?;
    let which = match req.match_info().get("session_id") {
        Some("current") => Which::Current,
        Some(id) if id.len() == 36 => {
            let id = Uuid::try_parse(id).map_err(|_| Problem::new(ProblemType::SessionNotFound))?;
            Which::Id(SessionId::new(id))
        }
        _ => return Err(Problem::new(ProblemType::SessionNotFound)),
    };
    state.revoke_session.execute(&caller, key, which).await?;
    Ok(HttpResponse::NoContent().finish())
}
