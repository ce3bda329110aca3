//! Who is calling: the bearer token (RFC 6750).

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use user_service_domain::identity::{Caller, TokenError};

use crate::problem::{Problem, ProblemType};
use crate::state::State;

const MAX_TOKEN: usize = 8 * 1024;

/// The caller; a token that is there must be good, also where none is needed.
pub(crate) async fn caller(req: &HttpRequest, state: &State) -> Result<Caller, Problem> {
    let mut headers = req.headers().get_all(AUTHORIZATION);
    let Some(value) = headers.next() else {
        return Ok(Caller::Anonymous);
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
    match state.tokens.verify(token).await {
        Ok(principal) => Ok(Caller::Known(principal)),
        Err(TokenError::Invalid(why)) => {
            tracing::info!(reason = why, "token refused");
            Err(invalid())
        }
        Err(error @ TokenError::Unavailable(_)) => {
            tracing::warn!(error = %error, "tokens cannot be verified");
            Err(Problem::new(ProblemType::Unavailable))
        }
    }
}

/// The caller, who must have a token; asked before a body is read.
pub(crate) async fn known_caller(req: &HttpRequest, state: &State) -> Result<Caller, Problem> {
    match caller(req, state).await? {
        Caller::Anonymous => Err(Problem::new(ProblemType::MissingToken)),
        known @ Caller::Known(_) => Ok(known),
    }
}
