//! The caller and what their token lets them do.

use chrono::{DateTime, Utc};

use crate::ids::UserId;
use crate::session::SessionToken;

/// A permission that a token names in its `scope` (RFC 6749 section 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Scope {
    /// `users:admin`: as the role `admin`.
    UsersAdmin,
    /// `users:read`
    UsersRead,
    /// `users:write`
    UsersWrite,
    /// `preferences:read`
    PreferencesRead,
    /// `preferences:write`
    PreferencesWrite,
    /// `sessions:read`
    SessionsRead,
    /// `sessions:write`
    SessionsWrite,
    /// `rate-limit:exempt`: requests are not counted.
    RateLimitExempt,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 8] = [
        Self::UsersAdmin,
        Self::UsersRead,
        Self::UsersWrite,
        Self::PreferencesRead,
        Self::PreferencesWrite,
        Self::SessionsRead,
        Self::SessionsWrite,
        Self::RateLimitExempt,
    ];

    /// As tokens spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsersAdmin => "users:admin",
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
            Self::PreferencesRead => "preferences:read",
            Self::PreferencesWrite => "preferences:write",
            Self::SessionsRead => "sessions:read",
            Self::SessionsWrite => "sessions:write",
            Self::RateLimitExempt => "rate-limit:exempt",
        }
    }

    const fn bit(self) -> u16 {
        match self {
            Self::UsersAdmin => 1,
            Self::UsersRead => 1 << 1,
            Self::UsersWrite => 1 << 2,
            Self::PreferencesRead => 1 << 3,
            Self::PreferencesWrite => 1 << 4,
            Self::SessionsRead => 1 << 5,
            Self::SessionsWrite => 1 << 6,
            Self::RateLimitExempt => 1 << 7,
        }
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u16);

impl Scopes {
    /// Reads a space-separated `scope` claim; names that are not ours are passed over.
    pub fn parse(claim: &str) -> Self {
        claim
            .split(' ')
            .filter_map(|name| Scope::ALL.into_iter().find(|s| s.as_str() == name))
            .fold(Self::default(), Self::with)
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | scope.bit())
    }

    /// Whether the set has this scope.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }
}

/// Somebody whose token was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The token's `sub`.
    pub user_id: UserId,
    /// `admin` in `roles`, or scope `users:admin`.
    pub is_admin: bool,
    /// What the token permits besides.
    pub scopes: Scopes,
    /// The token's `sid`, else its `jti`: the session.
    pub session: Option<SessionToken>,
    /// When the token was issued: its `iat`.
    pub issued_at: Option<DateTime<Utc>>,
    /// When the token expires: its `exp`.
    pub expires_at: DateTime<Utc>,
    /// What the token says of the person besides, where it says anything.
    pub about: Option<Box<AboutPerson>>,
}

/// Standard claims (OpenID Connect Core 1.0 section 5.1), as the token has them: not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AboutPerson {
    /// `name`, else `preferred_username`, else `nickname`.
    pub name: Option<String>,
    /// `locale`: a language tag, hopefully.
    pub locale: Option<String>,
    /// `zoneinfo`: a time zone, hopefully.
    pub zoneinfo: Option<String>,
    /// `email`, unless `email_verified` says that nobody checked whose it is.
    pub email: Option<String>,
}

/// Whoever sent the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// No token.
    Anonymous,
    /// A verified token.
    Known(Principal),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_matched_as_a_whole() {
        let scopes = Scopes::parse("users:readx xusers:read openid preferences:read USERS:WRITE");
        assert!(scopes.has(Scope::PreferencesRead));
        assert!(!scopes.has(Scope::UsersRead) && !scopes.has(Scope::UsersWrite));
    }
}
