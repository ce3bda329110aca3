//! The feed of revocations: what must not be trusted any longer.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::cache::CacheError;
use crate::ids::{SessionId, UserId};
use crate::session::{EndReason, TokenDigest};
use crate::store::StoreError;

/// A place in the feed. Positions grow with time, but one may be seen before a smaller one: its unit of
/// work was committed first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeedPosition(pub i64);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// A session was ended before its time.
    Session {
        /// Which.
        id: SessionId,
        /// What is kept of its token.
        token: TokenDigest,
        /// Why.
        reason: EndReason,
        /// When its tokens are over as far as is known.
        expires_at: DateTime<Utc>,
    },
    /// The account may not be used.
    AccountDeactivated,
    /// The account may be used again.
    AccountReactivated,
    /// The account was removed: tokens issued until then are void.
    AccountRemoved,
}

/// A line of the feed to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewFeedEntry {
    /// About whom.
    pub user_id: UserId,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub revocation: Revocation,
}

/// A line of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedEntry {
    /// Where.
    pub position: FeedPosition,
    /// About whom.
    pub user_id: UserId,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub revocation: Revocation,
}

/// Reads the feed outside a unit of work.
#[async_trait]
pub trait RevocationReader: Send + Sync {
    /// At most `limit` lines after a position, by position.
    async fn after(&self, position: FeedPosition, limit: u32)
    -> Result<Vec<FeedEntry>, StoreError>;

    /// The last position; the default where the feed is empty.
    async fn last(&self) -> Result<FeedPosition, StoreError>;
}

/// Writes the feed within a unit of work: a line is there exactly when the change that it tells of is.
#[async_trait]
pub trait RevocationLog: Send {
    /// Adds lines. MUST give each a position above all that were ever committed before the unit of work began.
    async fn append(&mut self, entries: &[NewFeedEntry]) -> Result<(), StoreError>;

    /// Forgets at most `limit` lines from before `before`. Answers how many.
    async fn prune(&mut self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError>;
}

/// That something about a person was revoked: whatever is kept about them must be asked anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Who.
    pub user_id: UserId,
}

/// Tells the other replicas at once what the feed tells them a little later. It may lose notices.
#[async_trait]
pub trait RevocationBus: Send + Sync {
    /// Sends notices to every subscriber, this process among them.
    async fn publish(&self, notices: &[Notice]) -> Result<(), CacheError>;

    /// Begins to listen. What is published after this returned MUST arrive as long as the connection holds.
    async fn subscribe(&self) -> Result<Box<dyn Notices>, CacheError>;
}

/// What a subscriber hears.
#[async_trait]
pub trait Notices: Send {
    /// The next notice; waits for it. `None` when the connection was lost: subscribe again.
    async fn next(&mut self) -> Option<Notice>;
}

/// How long a gap in the positions may be filled by a unit of work that is still under way.
pub const GAP_PATIENCE: Duration = Duration::from_mins(1);
