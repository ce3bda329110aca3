//! Who is calling: the bearer token (RFC 6750), and whether its session goes on.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use user_service_application::UseCaseError;
use user_service_application::session::Tracking;
use user_service_domain::identity::{Caller, Principal, TokenError};

use super::client;
use crate::limits::{Policy, charge, charge_stranger};
use crate::problem::{Problem, ProblemType};
use crate::state::State;

const MAX_TOKEN: usize = 8 * 1024;

/// The caller; a token that is there must be good, also where none is needed.
pub(crate) async fn caller(req: &HttpRequest, state: &State) -> Result<Caller, Problem> {
    caller_with(req, state, Tracking::Start, Policy::Anonymous).await
}

/// [`caller`], for who looks at pictures: a page shows many of them at once.
pub(crate) async fn viewer(req: &HttpRequest, state: &State) -> Result<Caller, Problem> {
    caller_with(req, state, Tracking::Start, Policy::Pictures).await
}

/// The caller, who must have a token; asked before a body is read.
pub(crate) async fn known_caller(req: &HttpRequest, state: &State) -> Result<Caller, Problem> {
    known_caller_with(req, state, Tracking::Start).await
}

/// [`known_caller`], with a say in whether their session comes to be.
pub(crate) async fn known_caller_with(
    req: &HttpRequest,
    state: &State,
    tracking: Tracking,
) -> Result<Caller, Problem> {
    match caller_with(req, state, tracking, Policy::Anonymous).await? {
        Caller::Anonymous => Err(Problem::new(ProblemType::MissingToken)),
        known @ Caller::Known(_) => Ok(known),
    }
}

async fn caller_with(
    req: &HttpRequest,
    state: &State,
    tracking: Tracking,
    strangers: Policy,
) -> Result<Caller, Problem> {
    let caller = match identify(req, state).await {
        Ok(caller) => caller,
        Err(problem) => {
            // Whoever tries tokens is counted like somebody without one.
            if problem.is(ProblemType::InvalidToken) {
                charge_stranger(req, state, Policy::Anonymous).await?;
            }
            return Err(problem);
        }
    };
    let Caller::Known(principal) = &caller else {
        charge_stranger(req, state, strangers).await?;
        return Ok(caller);
    };
    charge(req, state, Policy::Default, &caller).await?;
    let client = || client::client(req, &state.proxies);
    match state.gate.admit(principal, client, tracking).await {
        Ok(()) => Ok(caller),
        Err(error) => {
            match error {
                UseCaseError::SessionEnded => state.metrics.refused("session_ended"),
                UseCaseError::AccountEnded => state.metrics.refused("account_ended"),
                _ => {}
            }
            Err(error.into())
        }
    }
}

async fn identify(req: &HttpRequest, state: &State) -> Result<Caller, Problem> {
    match token(req)? {
        Some(token) => Ok(Caller::Known(verify(token, state).await?)),
        None => Ok(Caller::Anonymous),
    }
}

/// The bearer token.
fn token(req: &HttpRequest) -> Result<Option<&str>, Problem> {
    let mut headers = req.headers().get_all(AUTHORIZATION);
    let Some(value) = headers.next() else {
        return Ok(None);
    };
    let invalid = || Problem::new(ProblemType::InvalidToken);
    if headers.next().is_some() {
        return Err(invalid());
    }
    let value = value.to_str().map_err(|_| invalid())?;
    let Some((scheme, token)) = value.split_once(' ') else {
        return Err(invalid());
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::new(ProblemType::MissingToken));
    }
    let token = token.trim();
    if token.is_empty() || token.len() > MAX_TOKEN {
        return Err(invalid());
    }
    Ok(Some(token))
}

async fn verify(token: &str, state: &State) -> Result<Principal, Problem> {
    match state.tokens.verify(token).await {
        Ok(principal) => Ok(principal),
        Err(TokenError::Invalid(why)) => {
            tracing::info!(reason = why, "token refused");
            state.metrics.refused("invalid_token");
            Err(Problem::new(ProblemType::InvalidToken))
        }
        Err(error @ TokenError::Unavailable(_)) => {
            tracing::warn!(error = %error, "tokens cannot be verified");
            Err(Problem::new(ProblemType::Unavailable))
        }
    }
}
