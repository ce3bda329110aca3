//! What a token says of itself before anything of it is believed.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::de::{Deserialize, Deserializer, IgnoredAny};
use user_service_domain::identity::TokenError;

/// A token in three parts whose header can be read. Nothing of it was verified: its algorithm and key id only
/// choose among keys that are known anyway.
#[derive(Debug)]
pub struct UnverifiedToken<'a> {
    text: &'a str,
    algorithm: Algorithm,
    key_id: Option<String>,
}

/// The header parameters that matter (RFC 7515 section 4.1). Those which carry or name a key (`jwk`, `jku`, `x5c`,
/// `x5u`) are not among them: a token does not choose its own key. A parameter that is given twice is refused.
#[derive(serde::Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

impl<'a> UnverifiedToken<'a> {
    /// The longest token, in bytes.
    pub const MAX: usize = 8 * 1024;

    /// The longest key id, in bytes.
    pub const MAX_KEY_ID: usize = 256;

    /// Reads the header. Refuses what is too long, has an unknown algorithm, has a `typ` that is neither `JWT` nor
    /// `at+jwt` (RFC 9068 section 4), or demands in `crit` what is not understood here.
    pub fn read(text: &'a str) -> Result<Self, TokenError> {
        if text.len() > Self::MAX {
            return Err(TokenError::Invalid("too long"));
        }
        let malformed = TokenError::Invalid("malformed");
        let mut parts = text.split('.');
        let (Some(header), Some(_), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed);
        };
        let Ok(json) = URL_SAFE_NO_PAD.decode(header) else {
            return Err(malformed);
        };
        let Ok(header) = serde_json::from_slice::<Header>(&json) else {
            return Err(malformed);
        };
        if header.crit {
            return Err(TokenError::Invalid("crit"));
        }
        if !header.typ.as_deref().is_none_or(is_access_token) {
            return Err(TokenError::Invalid("wrong type"));
        }
        if header
            .kid
            .as_ref()
            .is_some_and(|kid| kid.len() > Self::MAX_KEY_ID)
        {
            return Err(TokenError::Invalid("key id"));
        }
        let algorithm = Algorithm::from_str(&header.alg)
            .map_err(|_unknown| TokenError::Invalid("algorithm"))?;
        Ok(Self {
            text,
            algorithm,
            key_id: header.kid,
        })
    }

    /// The algorithm that it claims to be signed with.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key that it claims to be signed with.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    pub(crate) const fn text(&self) -> &'a str {
        self.text
    }
}

/// Whether this `typ` may be that of an access token (RFC 7515 section 4.1.9: `application/` may be left out).
fn is_access_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    matches!(
        typ.strip_prefix("application/").unwrap_or(&typ),
        "jwt" | "at+jwt"
    )
}

/// That a parameter is there, whatever its value.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(value).map(|_| true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_header(json: &str) -> String {
        format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(json))
    }

    fn refusal(json: &str) -> String {
        let token = with_header(json);
        UnverifiedToken::read(&token).unwrap_err().to_string()
    }

    #[test]
    fn a_header_names_algorithm_and_key() {
        let token = with_header(r#"{"typ":"JWT","alg":"ES256","kid":"a/b"}"#);
        let token = UnverifiedToken::read(&token).unwrap();
        assert_eq!(token.algorithm(), Algorithm::ES256);
        assert_eq!(token.key_id(), Some("a/b"));
    }

    #[test]
    fn an_access_token_may_say_so_in_either_case_and_in_full() {
        for typ in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"] {
            let token = with_header(&format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#));
            assert!(UnverifiedToken::read(&token).is_ok(), "{typ}");
        }
        for typ in ["", "JWE", "logout+jwt", "at+jwt ", "text/at+jwt"] {
            let json = format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#);
            assert!(refusal(&json).ends_with("wrong type"), "{typ}");
        }
    }

    #[test]
    fn what_is_demanded_but_not_understood_is_refused() {
        for crit in ["[\"exp\"]", "[]", "null", "true"] {
            let json = format!(r#"{{"alg":"HS256","crit":{crit}}}"#);
            assert!(refusal(&json).ends_with("crit"), "{crit}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        let kid = |n| format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(n));
        assert!(UnverifiedToken::read(&with_header(&kid(256))).is_ok());
        assert!(refusal(&kid(257)).ends_with("key id"));
        let token = with_header(r#"{"alg":"HS256"}"#);
        let padded = |n: usize| format!("{token}{}", "A".repeat(n - token.len()));
        assert!(UnverifiedToken::read(&padded(8192)).is_ok());
        assert!(UnverifiedToken::read(&padded(8193)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}|[A-Za-z0-9._=-]{0,200}") {
            let _ = UnverifiedToken::read(&text);
        }
    }
}
