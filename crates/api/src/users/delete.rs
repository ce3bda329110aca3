//! `DELETE /users/{id}`.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::http::caller::known_caller;
use crate::http::{conditional, target};
use crate::problem::Problem;
use crate::state::State;

/// Remove a profile
///
/// With its preferences, sessions and stored responses.
#[utoipa::path(
    delete, path = "/users/{id}", tag = "profiles", operation_id = "deleteUser",
    params(
        ("id" = String, Path, format = Uuid, description = "A profile id, or `me`"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The ETag that the removal is based on, or `*`"),
    ),
    responses((status = 204, description = "It is gone")),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    let key = target::profile(&req, &caller)?;
    let if_match = conditional::if_match(&req)?;
    state.delete_profile.execute(&caller, key, if_match).await?;
    Ok(HttpResponse::NoContent().finish())
}
