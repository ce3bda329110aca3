//! The session.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::{Device, TokenDigest, UserAgent};
use crate::ids::{ProfileId, SessionId};

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The person signed out of it, from within it.
    Logout,
    /// Somebody with the right to do so ended it from elsewhere.
    Revoked,
    /// It was the oldest when one more was started than are allowed.
    Evicted,
    /// Its time was over.
    Expired,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Logout, Self::Revoked, Self::Evicted, Self::Expired];

    /// As the wire and the store spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Revoked => "revoked",
            Self::Evicted => "evicted",
            Self::Expired => "expired",
        }
    }

    /// The reason of this spelling.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// The end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: EndReason,
}

/// Where a person is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The key that paths use.
    pub id: SessionId,
    /// Whose.
    pub profile_id: ProfileId,
    /// What is kept of the `sid` or `jti`; unique within a profile.
    pub token: TokenDigest,
    /// With what.
    pub device: Device,
    /// From where.
    pub ip_address: Option<IpAddr>,
    /// The user agent as it was sent.
    pub user_agent: Option<UserAgent>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to a minute.
    pub last_activity_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// Whether `expires_at` follows the tokens of the session: a newer token moves it, and takes a lapsed
    /// session up again. Else it was fixed by whoever made the session.
    pub follows_tokens: bool,
    /// Its end, where somebody or the sweeper wrote it down.
    pub ended: Option<Ended>,
}

/// How a session is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// In use.
    Active,
    /// Over.
    Ended(Ended),
}

impl Session {
    /// How it is at this moment: also when nobody has written its expiry down yet.
    pub fn state(&self, now: DateTime<Utc>) -> SessionState {
        match self.ended {
            Some(ended) => SessionState::Ended(ended),
            None if self.expires_at <= now => SessionState::Ended(Ended {
                at: self.expires_at,
                reason: EndReason::Expired,
            }),
            None => SessionState::Active,
        }
    }

    /// Whether a good token may take it up again: nobody ended it, it only lapsed, and it follows tokens.
    pub fn may_be_renewed(&self, now: DateTime<Utc>) -> bool {
        self.follows_tokens
            && matches!(
                self.state(now),
                SessionState::Ended(Ended {
                    reason: EndReason::Expired,
                    ..
                })
            )
    }
}

/// Which sessions a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionFilter {
    /// Those in use.
    #[default]
    Active,
    /// Those that are over and not yet forgotten.
    Ended,
    /// All.
    All,
}
