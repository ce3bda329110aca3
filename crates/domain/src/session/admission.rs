//! Whether the bearer of a good token is let in.

use chrono::{DateTime, Utc};

use super::{Session, TokenDigest};
use crate::ids::{ProfileId, SessionId, UserId};
use crate::revocation::FeedPosition;

/// Whom a token speaks for, and in which session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AdmissionKey {
    /// The person.
    pub user_id: UserId,
    /// The session, where the token names one.
    pub token: Option<TokenDigest>,
}

/// How the account of a person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// There is no profile.
    None,
    /// There is one.
    Present {
        /// Its id.
        profile_id: ProfileId,
        /// Whether it may be used.
        is_active: bool,
    },
}

/// What the store knows of a bearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Their account.
    pub account: Account,
    /// When a profile of theirs was last removed, as far as that is remembered.
    pub removed_at: Option<DateTime<Utc>>,
    /// The session of the token, whatever its state.
    pub session: Option<Session>,
}

/// Why a bearer is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The session is over.
    SessionEnded,
    /// The account is not active.
    AccountInactive,
}

/// A bearer who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Their profile.
    pub profile_id: Option<ProfileId>,
    /// Their session, where it is tracked.
    pub session_id: Option<SessionId>,
    /// When the session ends.
    pub lapses_at: Option<DateTime<Utc>>,
    /// Whether a newer token takes the session up again then; else it ends whatever the token says.
    pub follows_tokens: bool,
    /// Tokens issued up to here are of a removed account.
    pub issued_after: Option<DateTime<Utc>>,
}

/// What was found about a bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether they are let in.
    pub outcome: Result<Admission, Refusal>,
    /// Up to where the feed of revocations was known before the store was asked. A revocation of this
    /// person at a later position voids the verdict.
    pub as_of: FeedPosition,
}
