//! A key, and the algorithms that it may be used with.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use user_service_domain::identity::TokenError;

use crate::claims::Claims;
use crate::unverified::UnverifiedToken;

/// A key with a list of algorithms that was fixed beforehand (RFC 8725 section 3.1).
#[derive(Clone)]
pub struct VerifyingKey {
    key: DecodingKey,
    validation: Validation,
}

impl VerifyingKey {
    /// Only these algorithms; they must be of the key's family.
    pub fn new(key: DecodingKey, algorithms: Vec<Algorithm>) -> Self {
        // Claims are checked by `TokenRules`, by the service's clock, and the same way whoever vouches for them.
        let mut validation = Validation {
            algorithms,
            validate_exp: false,
            validate_aud: false,
            ..Validation::default()
        };
        validation.required_spec_claims.clear();
        Self { key, validation }
    }

    /// Whether it may be used with this algorithm.
    pub fn takes(&self, algorithm: Algorithm) -> bool {
        self.validation.algorithms.contains(&algorithm)
    }

    /// The claims of a token that this key signed.
    pub fn open(&self, token: &UnverifiedToken<'_>) -> Result<Claims, TokenError> {
        jsonwebtoken::decode(token.text(), &self.key, &self.validation)
            .map(|data| data.claims)
            .map_err(|error| TokenError::Invalid(reason(error.kind())))
    }
}

fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "signature",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => "algorithm",
        ErrorKind::Json(_) => "claims",
        _ => "malformed",
    }
}
