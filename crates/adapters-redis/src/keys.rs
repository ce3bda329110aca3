//! The names of all that is kept in Redis. `docs/REDIS.md` says the same to operators.
//!
//! | Key | Type | Lives |
//! | --- | --- | --- |
//! | `{prefix}{USER}:verdicts`, with braces around the id | hash: token digest, or `-`, to verdict | `REDIS_SESSION_TTL` after the last verdict; each verdict has its own end |
//! | `{prefix}{USER}:deny:DIGEST`, with braces around the id | string: when it ends, in microseconds since 1970 | until then |
//! | `{prefix}replay:DIGEST` | string: a response | `REDIS_CACHE_TTL` |
//! | `{prefix}{PROFILE}:replays`, with braces around the id | sorted set: digests by their end | `REDIS_CACHE_TTL` after the last response |
//! | `{prefix}quota:POLICY:WHO`, a user id or a network address | string: when the bucket is full, in microseconds since 1970 | until then |
//! | `{prefix}revocations` | channel | |
//!
//! The braces are hash tags: in a cluster the keys of a person are on one node.

use user_service_domain::idempotency::KeyDigest;
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::quota::Payer;
use user_service_domain::session::TokenDigest;

use crate::error::OpenError;
use crate::hex;

/// Makes names.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: String,
    revocations: String,
}

impl Keys {
    /// All names begin with the prefix.
    pub(crate) fn new(prefix: String) -> Result<Self, OpenError> {
        if prefix.contains(['{', '}']) {
            return Err(OpenError::Prefix);
        }
        let revocations = format!("{prefix}revocations");
        Ok(Self {
            prefix,
            revocations,
        })
    }

    /// The verdicts about a person.
    pub(crate) fn verdicts(&self, user: UserId) -> String {
        format!("{}{{{user}}}:verdicts", self.prefix)
    }

    /// That a session of a person is denied.
    pub(crate) fn deny(&self, user: UserId, token: TokenDigest) -> String {
        format!("{}{{{user}}}:deny:{token}", self.prefix)
    }

    /// A response.
    pub(crate) fn replay(&self, key: &KeyDigest) -> String {
        self.replay_of(&hex::encode(&key.0))
    }

    /// A response, by its digest in hexadecimal.
    pub(crate) fn replay_of(&self, digest: &str) -> String {
        format!("{}replay:{digest}", self.prefix)
    }

    /// Which responses are about a profile.
    pub(crate) fn replays(&self, profile: ProfileId) -> String {
        format!("{}{{{profile}}}:replays", self.prefix)
    }

    /// The bucket of somebody under a policy.
    pub(crate) fn quota(&self, policy: &str, payer: Payer) -> String {
        match payer {
            Payer::Person(user) => format!("{}quota:{policy}:{user}", self.prefix),
            Payer::Network(address) => format!("{}quota:{policy}:{address}", self.prefix),
        }
    }

    /// The channel of notices.
    pub(crate) fn revocations(&self) -> &str {
        &self.revocations
    }
}

/// The field of a verdict.
pub(crate) fn field(token: Option<TokenDigest>) -> String {
    token.map_or_else(|| "-".to_owned(), |token| token.to_string())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_keys_of_a_person_share_their_hash_tag() {
        let keys = Keys::new("p:".to_owned()).unwrap();
        let user = UserId::new(Uuid::nil());
        let tag = "p:{00000000-0000-0000-0000-000000000000}:";
        assert_eq!(keys.verdicts(user), format!("{tag}verdicts"));
        let denied = keys.deny(user, TokenDigest([0xab; 32]));
        assert_eq!(denied, format!("{tag}deny:{}", "ab".repeat(32)));
        assert_eq!(field(None), "-");
    }

    #[test]
    fn a_prefix_must_not_spoil_the_hash_tags() {
        assert_eq!(Keys::new("a{b}".to_owned()).unwrap_err(), OpenError::Prefix);
    }
}
