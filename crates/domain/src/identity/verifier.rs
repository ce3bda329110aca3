//! How tokens are trusted.

use std::error::Error;

use async_trait::async_trait;

use super::Principal;

/// Why a token is not trusted. The words are for the log; a caller learns only "invalid".
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The token is malformed, forged, expired, or meant for somebody else.
    #[error("token refused: {0}")]
    Invalid(&'static str),
    /// Nobody could be asked.
    #[error("tokens cannot be verified now")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// Verifies bearer tokens (RFC 7519, RFC 8725).
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// Who bears the token. MUST accept only algorithms fixed beforehand for its key, MUST require `exp`
    /// and a `sub` that is a UUID, MUST refuse claims of wrong types.
    async fn verify(&self, token: &str) -> Result<Principal, TokenError>;
}
