//! `GET /users/{id}/preferences`.

use actix_web::{HttpRequest, HttpResponse, web};
use user_service_application::revision::Revision;

use super::PreferencesBody;
use crate::http::caller::known_caller;
use crate::http::{conditional, target};
use crate::problem::Problem;
use crate::state::State;

/// Read preferences
#[utoipa::path(
    get, path = "/users/{id}/preferences", tag = "preferences", operation_id = "getPreferences",
    params(("id" = String, Path, format = Uuid, description = "A profile id, or `me`")),
    responses(
        (status = 200, description = "The preferences", body = PreferencesBody, headers(("ETag" = String, description = "The state of this representation"))),
        (status = 304, description = "The caller has this state"),
    ),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    conditional::accepts_json(&req)?;
    let key = target::profile(&req, &caller)?;
    let preferences = state.get_preferences.execute(&caller, key).await?;
    conditional::respond(
        &req,
        &Revision::of_preferences(&preferences),
        &PreferencesBody::new(&preferences),
    )
}
