//! What the Auth Service says about a token.

use jsonwebtoken::dangerous::insecure_decode_claims;
use serde_json::{Map, Value};
use user_service_adapters_jwt::Claims;

use crate::client::CallError;

/// Members that say whether the token is good: ours, and that of RFC 7662.
const VERDICTS: [&str; 2] = ["valid", "active"];

/// Members that the claims may be in.
const CLAIMS: [&str; 2] = ["claims", "payload"];

/// Claims about the token, not about its bearer.
const ABOUT_TOKEN: [&str; 7] = ["exp", "nbf", "iat", "iss", "aud", "sid", "jti"];

/// What an answer comes down to.
pub(super) enum Verdict {
    /// The Auth Service vouches for these claims.
    Vouched(Box<Claims>),
    /// The token is not to be trusted.
    Refused(&'static str),
}

/// Reads an answer. One without claims about the token itself is completed from the token.
pub(super) fn verdict(body: &[u8], token: &str) -> Result<Verdict, CallError> {
    let Ok(Value::Object(mut answer)) = serde_json::from_slice(body) else {
        return Err(CallError::Senseless("no JSON object"));
    };
    for name in VERDICTS {
        match answer.remove(name) {
            None | Some(Value::Bool(true)) => (),
            Some(Value::Bool(false)) => return Ok(Verdict::Refused("refused by the Auth Service")),
            Some(_) => return Err(CallError::Senseless("the verdict is no boolean")),
        }
    }
    let mut claims = match CLAIMS.into_iter().find_map(|name| answer.remove(name)) {
        None => answer,
        Some(Value::Object(claims)) => claims,
        Some(_) => return Err(CallError::Senseless("the claims are no object")),
    };
    if !claims.contains_key("sub")
        && let Some(user_id) = claims.remove("user_id")
    {
        claims.insert("sub".to_owned(), user_id);
    }
    complete(&mut claims, token);
    Ok(
        serde_json::from_value(Value::Object(claims))
            .map_or(Verdict::Refused("claims"), |claims| {
                Verdict::Vouched(Box::new(claims))
            }),
    )
}

/// Adds what the token says of itself and the answer leaves out. The Auth Service vouched for the token as a whole.
fn complete(claims: &mut Map<String, Value>, token: &str) {
    let Ok(mut own) = insecure_decode_claims::<Map<String, Value>>(token) else {
        return;
    };
    for name in ABOUT_TOKEN {
        if !claims.contains_key(name)
            && let Some(value) = own.remove(name)
        {
            claims.insert(name.to_owned(), value);
        }
    }
}
