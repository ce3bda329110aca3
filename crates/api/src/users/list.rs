//! `GET /users`.

use actix_web::http::header::LINK;
use actix_web::{HttpRequest, HttpResponse, web};
use user_service_application::profile::{Page, PageRequest, ProfileList};
use user_service_domain::fault::{Fault, FaultCode};
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{Counted, ProfileFilter, ProfileOrder, SortBy};

use super::schemas::Ids;
use super::{ProfileBody, ProfileListBody};
use crate::http::caller::caller;
use crate::http::links::Links;
use crate::http::query::{Parameters, boolean, moment, number};
use crate::http::{conditional, members};
use crate::problem::Problem;
use crate::state::State;

/// The deepest offset.
const MAX_SKIP: u32 = 10_000;
/// The most ids that one request may name.
pub(super) const MAX_IDS: usize = 100;

/// List profiles
///
/// Newest first unless sorted otherwise. Strangers see active profiles in the public projection.
#[utoipa::path(
    get, path = "/users", tag = "profiles", operation_id = "listUsers",
    params(
        ("limit" = Option<u32>, Query, description = "How many, 1 to MAX_PAGE_SIZE (100)", minimum = 1, maximum = 100),
        ("skip" = Option<u32>, Query, description = "Offset mode: how many to leave out", minimum = 0, maximum = 10_000),
        ("cursor" = Option<String>, Query, description = "Cursor mode: a next_cursor of the same list; not together with skip", min_length = 1, max_length = 1024, pattern = "^[A-Za-z0-9_-]+$"),
        ("sort" = Option<String>, Query, description = "`-created_at` (the default), `created_at`, `display_name` or `-display_name`", pattern = "^-?(created_at|display_name)$"),
        ("is_active" = Option<bool>, Query, description = "Active ones, or inactive ones"),
        ("is_verified" = Option<bool>, Query, description = "Verified ones, or others"),
        ("user_id" = Option<Uuid>, Query, description = "The one of this person"),
        ("ids" = inline(Option<Ids>), Query, description = "These alone: up to 100 ids with commas between"),
        ("created_after" = Option<String>, Query, format = DateTime, description = "Made after this moment"),
        ("created_before" = Option<String>, Query, format = DateTime, description = "Made before this moment"),
    ),
    responses((status = 200, description = "A page", body = ProfileListBody)),
    security((), ("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = caller(&req, &state).await?;
    conditional::accepts_json(&req)?;
    let mut parameters = Parameters::of(&req)?;
    let list = read(&mut parameters, &state, ProfileFilter::default());
    let (list, skip) = parameters.finish(list)?;
    let limit = list.limit;
    let page = state.list_profiles.execute(&caller, list).await?;
    Ok(present(&req, &state.links, &page, limit, skip, None))
}

fn read(from: &mut Parameters, state: &State, filter: ProfileFilter) -> (ProfileList, Option<u32>) {
    let order = from.optional("sort", sort).unwrap_or_default();
    let Asked {
        filter,
        page,
        limit,
        skip,
    } = page(from, state, filter);
    let list = ProfileList {
        filter,
        order,
        page,
        limit,
    };
    (list, skip)
}

/// What lists and searches have in common.
pub(super) struct Asked {
    /// Which profiles.
    pub(super) filter: ProfileFilter,
    /// Which page.
    pub(super) page: PageRequest,
    /// How many at most.
    pub(super) limit: u32,
    /// How many are left out, in offset mode.
    pub(super) skip: Option<u32>,
}

/// Reads what lists and searches have in common.
pub(super) fn page(from: &mut Parameters, state: &State, mut filter: ProfileFilter) -> Asked {
    filter.is_active = from.optional("is_active", boolean);
    filter.is_verified = from.optional("is_verified", boolean);
    filter.user_id = from.optional("user_id", members::uuid).map(UserId::new);
    filter.ids = from.optional("ids", ids);
    filter.created_after = from.optional("created_after", moment);
    filter.created_before = from.optional("created_before", moment);
    let limits = &state.limits;
    // A batch read is one page as far as it may be.
    let default = match &filter.ids {
        Some(ids) => u32::try_from(ids.len())
            .unwrap_or(u32::MAX)
            .clamp(1, limits.max_page_size),
        None => limits.default_page_size,
    };
    let limit = from
        .optional("limit", number(1, limits.max_page_size))
        .unwrap_or(default);
    let cursor = from.optional("cursor", |text| Ok(text.to_owned()));
    let skip = from.optional("skip", |text| {
        number(0, MAX_SKIP)(text).map_err(|fault| {
            Fault::new(
                fault.code,
                format!(
                    "{}; to go deeper, follow next_cursor with the parameter cursor",
                    fault.message
                ),
            )
        })
    });
    if cursor.is_some() && skip.is_some() {
        from.fault(
            "cursor",
            Fault::new(FaultCode::Ambiguous, "must not come together with skip"),
        );
    }
    let (page, skip) = if let Some(cursor) = cursor {
        (PageRequest::Cursor(cursor), None)
    } else {
        let skip = skip.unwrap_or(0);
        (PageRequest::Offset(skip), Some(skip))
    };
    Asked {
        filter,
        page,
        limit,
        skip,
    }
}

fn ids(text: &str) -> Result<Vec<ProfileId>, Fault> {
    let mut ids = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let id = members::uuid(part.trim())
            .map_err(|_| Fault::new(FaultCode::NotAUuid, "must be UUIDs with commas between"))?;
        ids.push(ProfileId::new(id));
    }
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > MAX_IDS {
        return Err(Fault::new(
            FaultCode::TooMany,
            format!("must name at most {MAX_IDS} ids"),
        ));
    }
    Ok(ids)
}

fn sort(text: &str) -> Result<ProfileOrder, Fault> {
    let (descending, name) = text
        .strip_prefix('-')
        .map_or((false, text), |name| (true, name));
    let by = match name {
        "created_at" => SortBy::CreatedAt,
        "display_name" => SortBy::DisplayName,
        _ => {
            return Err(Fault::new(
                FaultCode::NotAChoice,
                "must be one of created_at, -created_at, display_name, -display_name",
            ));
        }
    };
    Ok(ProfileOrder { by, descending })
}

/// The page with its `Link`; of a search with what was looked for, and what its total is.
pub(super) fn present(
    req: &HttpRequest,
    links: &Links,
    page: &Page,
    limit: u32,
    skip: Option<u32>,
    search: Option<(String, Option<&'static str>)>,
) -> HttpResponse {
    let (query, search_total_is) = search.unzip();
    let total_is = match page.total {
        Some(Counted::AtLeast(_)) => Some("at_least"),
        _ => search_total_is.flatten(),
    };
    let (total, pages) = match page.total {
        Some(Counted::Exactly(total)) => (Some(total), Some(total.div_ceil(u64::from(limit)))),
        Some(Counted::AtLeast(total)) => (Some(total), None),
        None => (None, None),
    };
    let mut response = HttpResponse::Ok();
    conditional::private(&mut response);
    if let Some(cursor) = &page.next_cursor {
        response.insert_header((
            LINK,
            format!("<{}>; rel=\"next\"", next(req, cursor, limit)),
        ));
    }
    response.json(ProfileListBody {
        items: page
            .items
            .iter()
            .map(|profile| ProfileBody::new(profile, page.projection, links))
            .collect(),
        total,
        total_is,
        skip,
        limit,
        pages,
        next_cursor: page.next_cursor.clone(),
        query,
    })
}

/// The same list from the cursor on, as a relative reference: no host that a header could forge.
fn next(req: &HttpRequest, cursor: &str, limit: u32) -> String {
    let kept = req
        .query_string()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .filter(|pair| !matches!(pair.split('=').next(), Some("skip" | "cursor" | "limit")));
    let mut target = format!("{}?limit={limit}&cursor={cursor}", req.path());
    for pair in kept {
        // What could end the reference early is escaped already in a well-formed target; the rest is dropped.
        if pair
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"'))
        {
            target.push('&');
            target.push_str(pair);
        }
    }
    target
}
