//! Tells everybody that something was revoked, after it was committed.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use user_service_domain::ids::UserId;
use user_service_domain::revocation::{Notice, RevocationBus};
use user_service_domain::session::{EndReason, Session, SessionCache, TokenDigest};

use super::RevocationWatch;

/// Makes what caches hold about a person void: in this process at once, elsewhere as fast as the bus is.
/// Whoever the bus does not reach learns it from the feed.
#[derive(Clone)]
pub struct Announcer {
    watch: Arc<RevocationWatch>,
    hot: Arc<dyn SessionCache>,
    shared: Option<Arc<dyn SessionCache>>,
    bus: Arc<dyn RevocationBus>,
}

impl Announcer {
    /// Over the cache of this process, that of all replicas where there is one, and the bus.
    pub fn new(
        watch: Arc<RevocationWatch>,
        hot: Arc<dyn SessionCache>,
        shared: Option<Arc<dyn SessionCache>>,
        bus: Arc<dyn RevocationBus>,
    ) -> Self {
        Self {
            watch,
            hot,
            shared,
            bus,
        }
    }

    /// These sessions of a person were ended.
    pub(crate) async fn sessions_ended(
        &self,
        user: UserId,
        sessions: &[Session],
        reason: EndReason,
    ) {
        if sessions.is_empty() {
            return;
        }
        self.watch.count_ended(reason, sessions.len());
        if let Some(shared) = &self.shared {
            for session in sessions {
                self.deny(&**shared, user, session.token, session.expires_at)
                    .await;
            }
        }
        self.changed(user).await;
    }

    /// The account of a person came, went, or changed its standing.
    pub(crate) async fn changed(&self, user: UserId) {
        self.heard(user).await;
        if let Some(shared) = &self.shared
            && shared.forget(user).await.is_err()
        {
            tracing::debug!("the shared cache could not be told to forget");
        }
        if self.bus.publish(&[Notice { user_id: user }]).await.is_err() {
            tracing::debug!("a revocation could not be published; the feed has it");
        }
    }

    /// Makes what this process holds about a person void.
    pub async fn heard(&self, user: UserId) {
        self.watch.notice(user);
        // The cache of this process cannot be away.
        self.hot.forget(user).await.ok();
    }

    async fn deny(
        &self,
        shared: &dyn SessionCache,
        user: UserId,
        token: TokenDigest,
        until: DateTime<Utc>,
    ) {
        if shared.deny(user, token, until).await.is_err() {
            tracing::debug!("a session could not be put into the deny set; the feed has it");
        }
    }
}
