//! `GET /users/search`.

use actix_web::{HttpRequest, HttpResponse, web};
use user_service_application::profile::{Count, ProfileSearchList};
use user_service_domain::fault::{Fault, FaultCode};
use user_service_domain::profile::{Counted, ProfileFilter};
use user_service_domain::text::SearchText;

use super::list::{Asked, page, present};
use super::schemas::{Ids, SearchQuery};
use crate::http::caller::caller;
use crate::http::conditional;
use crate::http::query::Parameters;
use crate::limits::{Policy, charge};
use crate::problem::Problem;
use crate::state::State;

/// Search profiles
///
/// Finds words within names and locations, the best matches first: the whole name, its beginning, beginnings of
/// words, parts of words, and, from 5 letters on, words with one slip. All words must be found, in any order. Case
/// and diacritics do not matter, and no character is a wildcard. A page may hold fewer than `limit`, and even
/// nothing, while `next_cursor` leads on: the work for one page is bounded. There is no `total` unless `count` asks
/// for it.
#[utoipa::path(
    get, path = "/users/search", tag = "profiles", operation_id = "searchUsers",
    params(
        ("q" = inline(SearchQuery), Query, description = "What to look for"),
        ("limit" = Option<u32>, Query, description = "How many, 1 to MAX_PAGE_SIZE (100)", minimum = 1, maximum = 100),
        ("skip" = Option<u32>, Query, description = "Offset mode: how many to leave out", minimum = 0, maximum = 10_000),
        ("cursor" = Option<String>, Query, description = "Cursor mode: a next_cursor of the same search; not together with skip", min_length = 1, max_length = 1024, pattern = "^[A-Za-z0-9_-]+$"),
        ("count" = Option<String>, Query, description = "Whether to count the matches: `exact` looks at up to 10 000 profiles, `estimated` at 2 000", pattern = "^(exact|estimated)$"),
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
    charge(&req, &state, Policy::Search, &caller).await?;
    conditional::accepts_json(&req)?;
    let mut parameters = Parameters::of(&req)?;
    let mut asked = None;
    let text = parameters.optional("q", |q| {
        asked = Some(q.to_owned());
        SearchText::parse(q)
    });
    if asked.is_none() {
        parameters.fault("q", Fault::new(FaultCode::Missing, "is required"));
    }
    let count = parameters.optional("count", count);
    parameters.optional::<()>("sort", |_| {
        Err(Fault::new(
            FaultCode::NotHere,
            "is not for searches: the best matches come first",
        ))
    });
    let Asked {
        filter,
        page,
        limit,
        skip,
    } = page(&mut parameters, &state, ProfileFilter::default());
    let text = parameters.finish(text)?.ok_or_else(no_text)?;
    let list = ProfileSearchList {
        text,
        filter,
        page,
        limit,
        count,
    };
    let page = state.search_profiles.execute(&caller, list).await?;
    let total_is = page.total.map(|total| match total {
        Counted::Exactly(_) => "exact",
        Counted::AtLeast(_) => "at_least",
    });
    Ok(present(
        &req,
        &state.links,
        &page,
        limit,
        skip,
        asked.map(|query| (query, total_is)),
    ))
}

/// A text that is neither there nor at fault does not come to be.
fn no_text() -> Problem {
    Problem::new(crate::problem::ProblemType::InvalidParameter)
}

fn count(text: &str) -> Result<Count, Fault> {
    match text {
        "exact" => Ok(Count::Exact),
        "estimated" => Ok(Count::Estimated),
        _ => Err(Fault::new(
            FaultCode::NotAChoice,
            "must be one of exact, estimated",
        )),
    }
}
