//! `GET /users/{id}`.

use actix_web::{HttpRequest, HttpResponse, web};

use super::ProfileBody;
use crate::http::caller::caller;
use crate::http::{conditional, target};
use crate::problem::Problem;
use crate::state::State;

/// Read a profile
///
/// Strangers see the public projection of active profiles; an inactive one is not there for them.
#[utoipa::path(
    get, path = "/users/{id}", tag = "profiles", operation_id = "getUser",
    params(("id" = String, Path, format = Uuid, description = "A profile id, or `me`")),
    responses(
        (status = 200, description = "The profile", body = ProfileBody, headers(("ETag" = String, description = "The state of this representation"))),
        (status = 304, description = "The caller has this state"),
    ),
    security((), ("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = caller(&req, &state).await?;
    conditional::accepts_json(&req)?;
    let view = match target::profile(&req, &caller) {
        Ok(key) => state.get_profile.execute(&caller, key).await?,
        // Who may not read at all learns nothing of ids.
        Err(problem) => {
            return Err(state
                .get_profile
                .admit(&caller)
                .map_or_else(Problem::from, |()| problem));
        }
    };
    conditional::respond(&req, &view.revision, &ProfileBody::of(&view, &state.links))
}
