//! `DELETE /users/{id}/avatar`.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::http::caller::known_caller;
use crate::http::{conditional, target};
use crate::problem::Problem;
use crate::state::State;

/// Remove an avatar
///
/// With all its files. Where there is none, nothing changes.
#[utoipa::path(
    delete, path = "/users/{id}/avatar", tag = "avatars", operation_id = "deleteAvatar",
    params(
        ("id" = String, Path, format = Uuid, description = "A profile id, or `me`"),
        ("If-Match" = Option<String>, Header, nullable = false, description = "The ETag of a picture that is to be removed, or `*`"),
    ),
    responses((status = 204, description = "There is no avatar any longer")),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    let key = target::profile(&req, &caller)?;
    let if_match = conditional::if_match(&req)?;
    state.delete_avatar.execute(&caller, key, if_match).await?;
    Ok(HttpResponse::NoContent().finish())
}
