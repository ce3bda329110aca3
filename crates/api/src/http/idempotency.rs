//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).

use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};
use user_service_application::UseCaseError;
use user_service_domain::idempotency::{Fingerprint, KeyDigest, StoredResponse, key_in};
use user_service_domain::identity::Principal;

use crate::problem::{Problem, ProblemType};
use crate::state::State;

/// The request's key, bound to its caller and route. Quoted and bare keys are taken.
pub(crate) fn key(req: &HttpRequest, principal: &Principal) -> Result<Option<KeyDigest>, Problem> {
    let mut headers = req.headers().get_all("idempotency-key");
    let Some(value) = headers.next() else {
        return Ok(None);
    };
    let invalid = || {
        Problem::because(
            ProblemType::InvalidHeader,
            "Idempotency-Key must have 1 to 255 visible ASCII characters other than quotes.",
        )
    };
    if headers.next().is_some() {
        return Err(invalid());
    }
    let value = value.to_str().map_err(|_| invalid())?;
    let key = key_in(value).ok_or_else(invalid)?;
    let digest = Sha256::new()
        .chain_update(principal.user_id.get().as_bytes())
        .chain_update(req.method().as_str())
        .chain_update([0])
        .chain_update(req.match_pattern().unwrap_or_default())
        .chain_update([0])
        .chain_update(key)
        .finalize();
    Ok(Some(KeyDigest(digest.into())))
}

/// What tells one body from another.
pub(crate) fn fingerprint(body: &[u8]) -> Fingerprint {
    Fingerprint(Sha256::digest(body).into())
}

/// A response as it was first given, marked as such.
pub(crate) fn replay(stored: StoredResponse) -> HttpResponse {
    let mut response = respond(&stored);
    response.insert_header(("Idempotency-Replayed", "true"));
    response.body(stored.body)
}

/// Gives a key back after its request failed; what the failure is to the caller.
pub(crate) async fn give_back(state: &State, key: KeyDigest, error: UseCaseError) -> Problem {
    release(state, key).await;
    error.into()
}

/// Gives a key back after its request failed; it lapses by itself where it cannot be given back.
pub(crate) async fn release(state: &State, key: KeyDigest) {
    if state.reserve_key.release(key).await.is_err() {
        tracing::warn!("an idempotency key could not be released");
    }
}

/// The head of a response that could be stored.
pub(crate) fn respond(stored: &StoredResponse) -> actix_web::HttpResponseBuilder {
    let status = actix_web::http::StatusCode::from_u16(stored.status).unwrap_or_default();
    let mut response = HttpResponse::build(status);
    super::conditional::private(&mut response);
    if let Some(location) = &stored.location {
        response.insert_header((LOCATION, location.as_str()));
    }
    if let Some(etag) = &stored.etag {
        response.insert_header((ETAG, etag.as_str()));
    }
    response.content_type("application/json");
    response
}
