//! Where sessions are kept.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{EndReason, Session, SessionFilter, Standing, TokenDigest};
use crate::ids::{ProfileId, SessionId, UserId};
use crate::store::StoreError;

/// Reads sessions outside a unit of work, one statement each.
#[async_trait]
pub trait SessionReader: Send + Sync {
    /// What is known of the bearer of a token. Who was never heard of has no account, no removal and no
    /// session. Sessions are looked for among those of this person alone.
    async fn standing(
        &self,
        user_id: UserId,
        token: Option<TokenDigest>,
    ) -> Result<Standing, StoreError>;

    /// At most `limit` sessions of a profile, newest activity first, equals by falling id. MUST judge by
    /// `now` which are active: a session whose `expires_at` is not after it has ended.
    async fn list(
        &self,
        of: ProfileId,
        filter: SessionFilter,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError>;

    /// How many sessions of all profiles are active at `now`, as far as `most`. MUST NOT look at more of them than
    /// that, nor at any that was ended.
    async fn count_active(&self, now: DateTime<Utc>, most: u32) -> Result<u64, StoreError>;
}

/// Changes the sessions of one profile within a unit of work. Who decides by what it reads here MUST hold
/// the profile by `Profiles::find_for_update` first.
#[async_trait]
pub trait Sessions: Send {
    /// The session of a token, whatever its state. Absent is `None`.
    async fn find_by_token(
        &mut self,
        of: ProfileId,
        token: TokenDigest,
    ) -> Result<Option<Session>, StoreError>;

    /// The session of an id, whatever its state. Absent, or of another profile, is `None`.
    async fn find(&mut self, of: ProfileId, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// Every session of the profile that is active at `now`, oldest first (by `created_at`, equals by id).
    async fn active(
        &mut self,
        of: ProfileId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StoreError>;

    /// Every session of the profile that lapsed by `now` and that a token could take up again, whether the
    /// expiry was written down or not; in no order.
    async fn renewable(
        &mut self,
        of: ProfileId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StoreError>;

    /// Stores a new session. MUST return `Conflict(SessionToken)` when the profile has one of this token,
    /// `Conflict(SessionId)` when the id is taken, and `Stale` when the profile is gone.
    async fn insert(&mut self, session: &Session) -> Result<(), StoreError>;

    /// Stores what may change of a session: device, address, user agent, activity, expiry and end.
    /// MUST return `Stale` when it is gone.
    async fn update(&mut self, session: &Session) -> Result<(), StoreError>;

    /// Ends those of these sessions that nobody ended before; that one expired is no end by anybody. Answers
    /// how many.
    async fn end(
        &mut self,
        of: ProfileId,
        ids: &[SessionId],
        at: DateTime<Utc>,
        reason: EndReason,
    ) -> Result<u64, StoreError>;
}

/// That a session was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Which.
    pub session_id: SessionId,
    /// When last.
    pub at: DateTime<Utc>,
    /// When the token that it was used with expires.
    pub token_expires_at: DateTime<Utc>,
}

/// That a person signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login {
    /// Who.
    pub profile_id: ProfileId,
    /// When.
    pub at: DateTime<Utc>,
}

/// How far activity must have moved to be worth a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flush {
    /// By a minute: another replica may have written meanwhile.
    Coalesced,
    /// At all: the process is about to end.
    Final,
}

/// How far a walk through old sessions came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressWalk {
    /// How many addresses were dropped on the way.
    pub dropped: u64,
    /// Where to go on; `None` at the end.
    pub next: Option<(DateTime<Utc>, SessionId)>,
}

/// Keeps sessions in order, across profiles, within a unit of work.
#[async_trait]
pub trait SessionUpkeep: Send {
    /// Moves `last_activity_at` forward, never back, of those sessions that nobody ended; of those that
    /// follow their tokens also `expires_at`, never back. Where nothing would move by at least what `flush`
    /// says, the row is not written. Unknown ids are passed over. Answers how many rows were written.
    async fn touch(&mut self, touches: &[Touch], flush: Flush) -> Result<u64, StoreError>;

    /// Moves `last_login_at` forward, never back. Profiles that are gone are passed over.
    async fn log_in(&mut self, logins: &[Login]) -> Result<(), StoreError>;

    /// Writes `expired` down for at most `limit` sessions that lapsed by `now`. Answers how many.
    async fn expire(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;

    /// Forgets at most `limit` sessions that ended before `before` and whose tokens are over by then.
    /// Answers how many.
    async fn prune(&mut self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;

    /// Drops the addresses of sessions that were last used before `before`, ended or not. Looks at the next `limit`
    /// sessions with an address that were made before `before`, by when they were made and then by id, after the
    /// place `from`.
    async fn drop_addresses(
        &mut self,
        before: DateTime<Utc>,
        from: Option<(DateTime<Utc>, SessionId)>,
        limit: u32,
    ) -> Result<AddressWalk, StoreError>;
}
