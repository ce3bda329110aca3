//! JSON bodies: media type, size, UTF-8, depth.

use std::time::Duration;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpMessage, HttpRequest};
use serde_json::Value;
use tokio::time::timeout;

use super::members::Members;
use crate::problem::{FieldError, Problem, ProblemType};
use crate::state::State;
use user_service_domain::fault::{Fault, FaultCode};

/// The deepest nesting of a body.
const MAX_DEPTH: usize = 32;

/// What a body may be.
#[derive(Clone, Copy)]
pub(crate) struct Accepts {
    /// In bytes.
    pub(crate) limit: usize,
    /// Also `application/merge-patch+json`.
    pub(crate) merge_patch: bool,
}

impl Accepts {
    /// A profile to be made.
    pub(crate) const PROFILE: Self = Self {
        limit: 64 * 1024,
        merge_patch: false,
    };
    /// A change of a profile.
    pub(crate) const PROFILE_PATCH: Self = Self {
        limit: 64 * 1024,
        merge_patch: true,
    };
    /// A change of preferences.
    pub(crate) const PREFERENCES_PATCH: Self = Self {
        limit: 128 * 1024,
        merge_patch: true,
    };
}

/// The body's bytes. Problems: 408, 413, 415.
pub(crate) async fn read(
    req: &HttpRequest,
    payload: Payload,
    accepts: Accepts,
) -> Result<Bytes, Problem> {
    media_type(req, accepts)?;
    let too_large = || Problem::new(ProblemType::PayloadTooLarge);
    let announced = req
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > u64::try_from(accepts.limit).unwrap_or(u64::MAX)) {
        return Err(too_large());
    }
    let reading = payload.to_bytes_limited(accepts.limit);
    match timeout(patience(req), reading).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(_))) => Err(Problem::new(ProblemType::MalformedRequest)),
        Ok(Err(_)) => Err(too_large()),
        Err(_elapsed) => Err(Problem::new(ProblemType::RequestTimeout)),
    }
}

/// How long the body may take to arrive: as long as the whole request.
fn patience(req: &HttpRequest) -> Duration {
    req.app_data::<Data<State>>()
        .map_or(Duration::MAX, |state| state.limits.request_timeout)
}

/// The members of a body that is a JSON object. Problems: 400; 422 when it is another kind of value.
pub(crate) fn object(bytes: &[u8]) -> Result<Members, Problem> {
    let malformed = || Problem::new(ProblemType::MalformedJson);
    let value: Value = serde_json::from_slice(bytes).map_err(|_| malformed())?;
    if depth(&value) > MAX_DEPTH {
        return Err(malformed());
    }
    match value {
        Value::Object(map) => Ok(Members::new(map)),
        _ => Err(Problem::members(vec![FieldError::member(
            "",
            Fault::new(FaultCode::NotAnObject, "must be an object"),
        )])),
    }
}

fn media_type(req: &HttpRequest, accepts: Accepts) -> Result<(), Problem> {
    let merge_patch = "application/merge-patch+json";
    let charset = |mime: &str| {
        !mime.contains("charset=")
            || mime.contains("charset=utf-8")
            || mime.contains("charset=\"utf-8\"")
    };
    let essence = req.content_type().trim().to_ascii_lowercase();
    let whole = req
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("")
        .to_ascii_lowercase();
    let known = essence == "application/json" || (accepts.merge_patch && essence == merge_patch);
    let coded = req
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_some_and(|v| v != "identity");
    if known && !coded && charset(&whole) {
        return Ok(());
    }
    let (name, value) = if accepts.merge_patch {
        (
            "accept-patch",
            "application/merge-patch+json, application/json",
        )
    } else {
        ("accept-post", "application/json")
    };
    let problem = Problem::new(ProblemType::UnsupportedMediaType);
    Err(problem.with(
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    ))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
