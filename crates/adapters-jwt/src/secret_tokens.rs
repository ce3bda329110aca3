//! Tokens that are signed with a shared secret: `AUTH_MODE=secret`.

use std::sync::Arc;

use async_trait::async_trait;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::Serialize;
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Principal, TokenError, TokenVerifier};
use uuid::Uuid;

use crate::rules::TokenRules;
use crate::unverified::UnverifiedToken;
use crate::verifying_key::VerifyingKey;

/// The one algorithm that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HmacAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

/// Claims as they are written by the development issuer and `token issue`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IssuedClaims {
    /// The person.
    pub sub: Uuid,
    /// Seconds since 1970.
    pub iat: i64,
    /// Seconds since 1970.
    pub exp: i64,
    /// Who issued the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// Roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Scopes with spaces between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// An address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The token itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// What the person is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// A time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
}

/// Verifies and issues tokens under one secret and one algorithm (RFC 8725 section 3.1).
pub struct SecretTokens {
    verifying: VerifyingKey,
    signing: EncodingKey,
    algorithm: Algorithm,
    rules: TokenRules,
    clock: Arc<dyn Clock>,
}

impl SecretTokens {
    /// Under this secret.
    pub fn new(
        secret: &[u8],
        algorithm: HmacAlgorithm,
        rules: TokenRules,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let algorithm = match algorithm {
            HmacAlgorithm::Hs256 => Algorithm::HS256,
            HmacAlgorithm::Hs384 => Algorithm::HS384,
            HmacAlgorithm::Hs512 => Algorithm::HS512,
        };
        Self {
            verifying: VerifyingKey::new(DecodingKey::from_secret(secret), vec![algorithm]),
            signing: EncodingKey::from_secret(secret),
            algorithm,
            rules,
            clock,
        }
    }

    /// A token with these claims.
    pub fn issue(&self, claims: &IssuedClaims) -> Result<String, TokenError> {
        jsonwebtoken::encode(&Header::new(self.algorithm), claims, &self.signing)
            .map_err(|error| TokenError::Unavailable(Box::new(error)))
    }
}

#[async_trait]
impl TokenVerifier for SecretTokens {
    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        let claims = self.verifying.open(&UnverifiedToken::read(token)?)?;
        self.rules.admit(claims, self.clock.now())
    }
}
