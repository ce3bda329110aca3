//! Requests are counted, and their responses say so.

use actix_web::dev::ServiceResponse;
use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpMessage, HttpRequest};
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::quota::Payer;

use super::Policy;
use super::fields::seconds;
use crate::http::client;
use crate::problem::{Problem, ProblemType};
use crate::state::State;

static RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// What a request was counted for: everything, and what is counted besides.
#[derive(Default)]
struct Charges([Option<[HeaderValue; 2]>; 2]);

/// Counts a request of a caller, unless it is of those that are not counted. Problem: 429.
pub(crate) async fn charge(
    req: &HttpRequest,
    state: &State,
    policy: Policy,
    caller: &Caller,
) -> Result<(), Problem> {
    match caller {
        Caller::Known(principal) if principal.scopes.has(Scope::RateLimitExempt) => Ok(()),
        Caller::Known(principal) => {
            charge_to(req, state, policy, Payer::Person(principal.user_id)).await
        }
        Caller::Anonymous => charge_stranger(req, state, policy).await,
    }
}

/// Counts a request of nobody who is known, by where it came from. Problem: 429.
pub(crate) async fn charge_stranger(
    req: &HttpRequest,
    state: &State,
    policy: Policy,
) -> Result<(), Problem> {
    match client::address(req, &state.proxies) {
        Some(address) => charge_to(req, state, policy, Payer::network(address)).await,
        None => Ok(()),
    }
}

async fn charge_to(
    req: &HttpRequest,
    state: &State,
    policy: Policy,
    payer: Payer,
) -> Result<(), Problem> {
    let Some((limit, balance)) = state.rates.take(policy, payer).await else {
        return Ok(());
    };
    note(req, [limit.fields.policy(), limit.fields.limit(balance)]);
    let Some(wait) = balance.wait else {
        return Ok(());
    };
    state.metrics.rate_limited(limit.name);
    Err(Problem::new(ProblemType::QuotaExceeded)
        .with(RETRY_AFTER, HeaderValue::from(seconds(wait)))
        .violating(limit.name))
}

fn note(req: &HttpRequest, fields: [HeaderValue; 2]) {
    let mut extensions = req.extensions_mut();
    match extensions.get_mut::<Charges>() {
        Some(Charges([_, second])) => *second = Some(fields),
        None => {
            extensions.insert(Charges([Some(fields), None]));
        }
    }
}

/// Tells what the request was counted for.
pub(crate) fn write_fields(response: &mut ServiceResponse) {
    let charges = response.request().extensions_mut().remove::<Charges>();
    let Some(Charges(charges)) = charges else {
        return;
    };
    for [policy, limit] in charges.into_iter().flatten() {
        let headers = response.headers_mut();
        headers.append(RATELIMIT_POLICY.clone(), policy);
        headers.append(RATELIMIT.clone(), limit);
    }
}
