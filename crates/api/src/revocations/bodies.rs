//! How a revocation is shown.

use serde::Serialize;
use user_service_domain::revocation::{FeedEntry, Revocation};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::timestamp::Timestamp;

/// Something that must not be trusted any longer.
#[derive(Serialize, ToSchema)]
#[schema(as = Revocation)]
pub(crate) struct RevocationBody {
    /// `session`, `account_deactivated`, `account_reactivated` or `account_removed`.
    #[schema(pattern = "^(session|account_(deactivated|reactivated|removed))$")]
    kind: &'static str,
    /// The `sub` of the tokens.
    user_id: Uuid,
    /// When. Of a removed account, tokens issued until then are void.
    #[schema(value_type = String, format = DateTime)]
    revoked_at: Timestamp,
    /// The session's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Uuid, required = false)]
    session_id: Option<Uuid>,
    /// SHA-256 of the `sid` or `jti` of the session's tokens, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, pattern = "^[0-9a-f]{64}$")]
    session_token_sha256: Option<String>,
    /// `logout`, `revoked` or `evicted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    reason: Option<&'static str>,
    /// When the session's tokens are over by themselves, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    expires_at: Option<Timestamp>,
}

impl RevocationBody {
    pub(crate) fn of(entry: &FeedEntry) -> Self {
        let mut body = Self {
            kind: "session",
            user_id: entry.user_id.get(),
            revoked_at: Timestamp(entry.at),
            session_id: None,
            session_token_sha256: None,
            reason: None,
            expires_at: None,
        };
        match entry.revocation {
            Revocation::Session {
                id,
                token,
                reason,
                expires_at,
            } => {
                body.session_id = Some(id.get());
                body.session_token_sha256 = Some(token.to_string());
                body.reason = Some(reason.as_str());
                body.expires_at = Some(Timestamp(expires_at));
            }
            Revocation::AccountDeactivated => body.kind = "account_deactivated",
            Revocation::AccountReactivated => body.kind = "account_reactivated",
            Revocation::AccountRemoved => body.kind = "account_removed",
        }
        body
    }
}

/// A part of the feed.
#[derive(Serialize, ToSchema)]
#[schema(as = RevocationPage)]
pub(crate) struct RevocationPageBody {
    /// Its lines, in their order.
    pub(crate) items: Vec<RevocationBody>,
    /// The next `since`, also when there is nothing yet.
    pub(crate) next_cursor: String,
}
