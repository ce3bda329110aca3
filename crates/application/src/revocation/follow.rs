//! Follows the feed and the bus.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use user_service_domain::revocation::RevocationBus;
use user_service_domain::session::SessionCache;
use user_service_domain::store::{Store, StoreError};

use super::{Announcer, RevocationWatch};

/// How long to wait before the bus is listened to again.
const RELISTEN: Duration = Duration::from_millis(250);

/// Keeps the watch up to date.
pub struct FollowRevocations {
    store: Arc<dyn Store>,
    watch: Arc<RevocationWatch>,
    hot: Arc<dyn SessionCache>,
    bus: Arc<dyn RevocationBus>,
    announcer: Announcer,
}

impl FollowRevocations {
    /// How often the feed is to be read: thrice within the time for which a reading is good.
    pub const EVERY: Duration = Duration::from_millis(250);

    const BATCH: u32 = 1000;

    /// Over this store, watch, cache of the process, and bus.
    pub fn new(
        store: Arc<dyn Store>,
        watch: Arc<RevocationWatch>,
        hot: Arc<dyn SessionCache>,
        bus: Arc<dyn RevocationBus>,
        announcer: Announcer,
    ) -> Self {
        Self {
            store,
            watch,
            hot,
            bus,
            announcer,
        }
    }

    /// Begins at the end of the feed; to be done before anything is cached.
    pub async fn begin(&self) -> Result<(), StoreError> {
        self.watch.begin(self.store.revocations().last().await?);
        Ok(())
    }

    /// Reads what is new in the feed. Until this succeeds again nothing cached is trusted.
    pub async fn read(&self) -> Result<(), StoreError> {
        let began = Instant::now();
        let mut from = self.watch.low();
        loop {
            let entries = self.store.revocations().after(from, Self::BATCH).await?;
            let full = u32::try_from(entries.len()).is_ok_and(|n| n >= Self::BATCH);
            // Only a reading to the end tells that nothing else is new.
            let news = match entries.last() {
                Some(last) if full => {
                    from = last.position;
                    self.watch.absorb_part(&entries)
                }
                _ => self.watch.absorb(began, &entries),
            };
            for user in news {
                // The cache of this process cannot be away.
                self.hot.forget(user).await.ok();
            }
            if !full {
                return Ok(());
            }
        }
    }

    /// Listens to the bus for ever.
    pub async fn listen(&self) {
        loop {
            if let Ok(mut notices) = self.bus.subscribe().await {
                while let Some(notice) = notices.next().await {
                    self.announcer.heard(notice.user_id).await;
                }
            }
            tokio::time::sleep(RELISTEN).await;
        }
    }
}
