//! `GET /revocations`.

use actix_web::{HttpRequest, HttpResponse, web};
use user_service_application::UseCaseError;

use super::{RevocationBody, RevocationPageBody};
use crate::http::caller::known_caller;
use crate::http::conditional;
use crate::http::query::{Parameters, number};
use crate::problem::Problem;
use crate::state::State;

/// Follow revocations
///
/// For services that verify tokens themselves: begin without `since`, then ask again and again with the last
/// `next_cursor`. Every line comes at least once; one may come again.
#[utoipa::path(
    get, path = "/revocations", tag = "sessions", operation_id = "listRevocations",
    params(
        ("since" = Option<String>, Query, description = "The `next_cursor` of the last answer; the oldest line that is kept where left out", min_length = 1, max_length = 1024, pattern = "^[A-Za-z0-9_-]+$"),
        ("limit" = Option<u32>, Query, description = "How many, 1 to MAX_PAGE_SIZE (100)", minimum = 1, maximum = 100),
    ),
    responses((status = 200, description = "The lines after that place", body = RevocationPageBody)),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    state.list_revocations.admit(&caller)?;
    conditional::accepts_json(&req)?;
    let mut parameters = Parameters::of(&req)?;
    let since = parameters.optional("since", |text| Ok(text.to_owned()));
    let limit = parameters.optional("limit", number(1, state.limits.max_page_size));
    let limit = parameters.finish(limit.unwrap_or(state.limits.default_page_size))?;
    let page = state
        .list_revocations
        .execute(&caller, since.as_deref(), limit)
        .await
        .map_err(|error| match error {
            UseCaseError::InvalidCursor(why) => Problem::cursor("since", why),
            other => other.into(),
        })?;
    let mut response = HttpResponse::Ok();
    conditional::private(&mut response);
    Ok(response.json(RevocationPageBody {
        items: page.entries.iter().map(RevocationBody::of).collect(),
        next_cursor: page.next_cursor,
    }))
}
