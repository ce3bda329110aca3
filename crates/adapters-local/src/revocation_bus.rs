//! Notices of revocations within this process.

use async_trait::async_trait;
use tokio::sync::broadcast;
use user_service_domain::cache::CacheError;
use user_service_domain::revocation::{Notice, Notices, RevocationBus};

/// How many notices may wait for a subscriber.
const WAITING: usize = 4096;

/// Passes notices on to the subscribers of this process: enough where there are no other replicas.
#[derive(Debug)]
pub struct LocalRevocationBus(broadcast::Sender<Notice>);

impl Default for LocalRevocationBus {
    fn default() -> Self {
        Self::new()
    }
}

impl LocalRevocationBus {
    /// Nobody listens yet.
    pub fn new() -> Self {
        Self(broadcast::Sender::new(WAITING))
    }
}

#[async_trait]
impl RevocationBus for LocalRevocationBus {
    async fn publish(&self, notices: &[Notice]) -> Result<(), CacheError> {
        for notice in notices {
            // That nobody listens is no error.
            let _ = self.0.send(*notice);
        }
        Ok(())
    }

    async fn subscribe(&self) -> Result<Box<dyn Notices>, CacheError> {
        Ok(Box::new(Heard(Some(self.0.subscribe()))))
    }
}

/// What a subscriber holds; nothing once it was too slow.
struct Heard(Option<broadcast::Receiver<Notice>>);

#[async_trait]
impl Notices for Heard {
    async fn next(&mut self) -> Option<Notice> {
        let notice = self.0.as_mut()?.recv().await.ok();
        if notice.is_none() {
            self.0 = None;
        }
        notice
    }
}

#[cfg(test)]
mod tests {
    use user_service_domain::ids::UserId;
    use uuid::Uuid;

    use super::*;

    fn notice(n: usize) -> Notice {
        let user_id = UserId::new(Uuid::from_u128(n.try_into().unwrap()));
        Notice { user_id }
    }

    #[tokio::test]
    async fn who_is_too_slow_must_subscribe_again() {
        let bus = LocalRevocationBus::new();
        let mut slow = bus.subscribe().await.unwrap();
        let all: Vec<_> = (0..=WAITING).map(notice).collect();
        bus.publish(&all).await.unwrap();
        assert_eq!(slow.next().await, None);
        bus.publish(&all[..1]).await.unwrap();
        assert_eq!(slow.next().await, None);
        let mut again = bus.subscribe().await.unwrap();
        bus.publish(&all[..1]).await.unwrap();
        assert_eq!(again.next().await, Some(all[0]));
    }

    #[tokio::test]
    async fn a_bus_that_is_gone_ends_its_subscriptions() {
        let bus = LocalRevocationBus::new();
        let mut heard = bus.subscribe().await.unwrap();
        drop(bus);
        assert_eq!(heard.next().await, None);
    }
}
