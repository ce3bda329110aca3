//! Conditional requests (RFC 9110 section 13) and content negotiation.

use actix_web::http::header::{
    self, ETAG, EntityTag, Header, HeaderName, IfMatch as IfMatchHeader, IfNoneMatch,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use user_service_application::revision::{IfMatch, Revision};

use super::negotiation::Accepted;
use crate::problem::{Problem, ProblemType};

fn typed<H: Header>(req: &HttpRequest, name: HeaderName) -> Result<Option<H>, Problem> {
    if !req.headers().contains_key(&name) {
        return Ok(None);
    }
    H::parse(req).map(Some).map_err(|_| {
        Problem::because(
            ProblemType::InvalidHeader,
            format!("{name} does not hold entity tags."),
        )
    })
}

/// What `If-Match` demands.
pub(crate) fn if_match(req: &HttpRequest) -> Result<Option<IfMatch>, Problem> {
    Ok(
        typed::<IfMatchHeader>(req, header::IF_MATCH)?.map(|demand| match demand {
            IfMatchHeader::Any => IfMatch::Any,
            IfMatchHeader::Items(tags) => IfMatch::OneOf(
                tags.iter()
                    .filter(|t| !t.weak)
                    .map(|t| t.tag().to_owned())
                    .collect(),
            ),
        }),
    )
}

/// The states that the caller has, as `If-None-Match` names them.
pub(crate) struct Known(Option<IfNoneMatch>);

impl Known {
    /// Of this request. Problem: 400.
    pub(crate) fn of(req: &HttpRequest) -> Result<Self, Problem> {
        typed(req, header::IF_NONE_MATCH).map(Self)
    }

    /// Whether this state is among them.
    pub(crate) fn has(&self, revision: &Revision) -> bool {
        let etag = || EntityTag::new_strong(revision.as_str().to_owned());
        match &self.0 {
            None => false,
            Some(IfNoneMatch::Any) => true,
            Some(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&etag())),
        }
    }
}

/// 304 when the caller has this state, else 200 with the body.
pub(crate) fn respond(
    req: &HttpRequest,
    revision: &Revision,
    body: &impl Serialize,
) -> Result<HttpResponse, Problem> {
    let fresh = Known::of(req)?.has(revision);
    let mut response = if fresh {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    private(&mut response);
    response.insert_header((ETAG, format!("\"{revision}\"")));
    Ok(if fresh {
        response.finish()
    } else {
        response.json(body)
    })
}

/// Kept by its reader alone, and asked again before use.
pub(crate) fn private(response: &mut HttpResponseBuilder) {
    response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    response.insert_header((header::VARY, "Authorization"));
}

/// Refuses when `Accept` leaves no room for JSON (RFC 9110 section 12.5.1).
pub(crate) fn accepts_json(req: &HttpRequest) -> Result<(), Problem> {
    if Accepted::of(req)?.takes("application/json") {
        return Ok(());
    }
    Err(Problem::new(ProblemType::NotAcceptable))
}
