//! Notices of revocations between replicas.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::future::try_join_all;
use redis::aio::PubSub;
use tokio::sync::mpsc;
use tokio::time::timeout;
use user_service_domain::cache::CacheError;
use user_service_domain::revocation::{Notice, Notices, RevocationBus};

use crate::notices::{decode, encode};
use crate::pool::RedisPool;

/// How long a silent server is believed to be there.
const SILENCE: Duration = Duration::from_millis(400);
/// How long it may take to answer when it is asked. Together less than a second.
const PATIENCE: Duration = Duration::from_millis(400);
/// How many notices may wait for a subscriber.
const WAITING: usize = 4096;

/// Publishes in one channel, and hears it by a connection of its own for each subscriber.
pub struct RedisRevocationBus {
    pool: RedisPool,
}

impl RedisRevocationBus {
    /// Over this pool.
    pub fn new(pool: RedisPool) -> Self {
        Self { pool }
    }
}

#[async_trait]
impl RevocationBus for RedisRevocationBus {
    async fn publish(&self, notices: &[Notice]) -> Result<(), CacheError> {
        if notices.is_empty() {
            return Ok(());
        }
        let channel = self.pool.keys().revocations();
        self.pool
            .run(|connection| {
                // All are on their way before the first is answered.
                let sent = encode(notices).map(move |message| {
                    let mut connection = connection.clone();
                    async move {
                        redis::cmd("PUBLISH")
                            .arg(channel)
                            .arg(message)
                            .query_async::<()>(&mut connection)
                            .await
                    }
                });
                let sent = try_join_all(sent);
                async move { sent.await.map(drop) }
            })
            .await
    }

    async fn subscribe(&self) -> Result<Box<dyn Notices>, CacheError> {
        let listener = self.pool.listen(self.pool.keys().revocations()).await?;
        let (to_subscriber, heard) = mpsc::channel(WAITING);
        tokio::spawn(hear(listener, to_subscriber));
        Ok(Box::new(Heard(heard)))
    }
}

/// The end of a subscription that a subscriber holds.
struct Heard(mpsc::Receiver<Notice>);

#[async_trait]
impl Notices for Heard {
    async fn next(&mut self) -> Option<Notice> {
        self.0.recv().await
    }
}

/// Passes notices on until the connection is lost, the server does not answer, the subscriber is gone, or
/// it is too slow.
async fn hear(listener: PubSub, to_subscriber: mpsc::Sender<Notice>) {
    let (mut commands, mut messages) = listener.split();
    loop {
        let next = tokio::select! {
            next = timeout(SILENCE, messages.next()) => next,
            () = to_subscriber.closed() => return,
        };
        match next {
            Ok(Some(message)) => {
                for notice in decode(message.get_payload_bytes()) {
                    if to_subscriber.try_send(notice).is_err() {
                        return;
                    }
                }
            }
            Ok(None) => return,
            Err(_) => {
                let answer = timeout(PATIENCE, commands.ping::<redis::Value>()).await;
                if !matches!(answer, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}
