//! `GET /users/search`.

use actix_web::{HttpRequest, HttpResponse, web};
use user_service_domain::fault::Fault;
use user_service_domain::profile::ProfileFilter;
use user_service_domain::text::SearchText;

use super::list::{present, read};
use super::schemas::{Ids, SearchQuery};
use crate::http::caller::caller;
use crate::http::conditional;
use crate::http::query::Parameters;
use crate::problem::Problem;
use crate::state::State;

/// Search profiles
///
/// Finds a text within names and locations; case and diacritics do not matter, and no character is a wildcard.
#[utoipa::path(
    get, path = "/users/search", tag = "profiles", operation_id = "searchUsers",
    params(
        ("q" = inline(SearchQuery), Query, description = "What to look for"),
        ("limit" = Option<u32>, Query, description = "How many, 1 to MAX_PAGE_SIZE (100)", minimum = 1, maximum = 100),
        ("skip" = Option<u32>, Query, description = "Offset mode: how many to leave out", minimum = 0, maximum = 10_000),
        ("cursor" = Option<String>, Query, description = "Cursor mode: a next_cursor of the same list; not together with skip", min_length = 1, max_length = 1024, pattern = "^[A-Za-z0-9_-]+$"),
        ("sort" = Option<String>, Query, description = "As in a list", pattern = "^-?(created_at|display_name)$"),
        ("is_active" = Option<bool>, Query, description = "Active ones, or inactive ones"),
        ("is_verified" = Option<bool>, Query, description = "Verified ones, or others"),
        ("user_id" = Option<Uuid>, Query, description = "The one of this person"),
        ("ids" = inline(Option<Ids>), Query, description = "Among these alone: up to 100 ids with commas between"),
        ("created_after" = Option<String>, Query, format = DateTime, description = "Made after this moment"),
        ("created_before" = Option<String>, Query, format = DateTime, description = "Made before this moment"),
    ),
    responses((status = 200, description = "A page, with `query`", body = super::ProfileListBody)),
    security((), ("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = caller(&req, &state).await?;
    conditional::accepts_json(&req)?;
    let mut parameters = Parameters::of(&req)?;
    let mut asked = None;
    let text = parameters.optional("q", |q| {
        asked = Some(q.to_owned());
        SearchText::parse(q)
    });
    if asked.is_none() {
        parameters.fault("q", Fault::new("missing", "is required"));
    }
    let (mut list, skip) = read(&mut parameters, &state, ProfileFilter::default());
    list.filter.text = text;
    let list = parameters.finish(list)?;
    let limit = list.limit;
    let page = state.list_profiles.execute(&caller, list).await?;
    Ok(present(&req, &state.links, &page, limit, skip, asked))
}
