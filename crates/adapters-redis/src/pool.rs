//! The way to Redis that all adapters share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use redis::RedisResult;
use redis::aio::PubSub;
use tokio::runtime::Handle;
use tokio::time::timeout;
use user_service_domain::cache::CacheError;
use user_service_domain::health::Dependency;
use user_service_domain::store::Source;

use crate::address::Target;
use crate::breaker::{Breaker, Change};
use crate::connector::{Connection, Connector};
use crate::error::{OpenError, Trouble};
use crate::keys::Keys;

/// How Redis is used.
#[derive(Clone, Debug)]
pub struct RedisOptions {
    /// What all keys begin with.
    pub prefix: String,
    /// How long a command may take, waiting for a connection included.
    pub command_timeout: Duration,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
}

impl Default for RedisOptions {
    /// `user-service:`, 100 ms and 300 ms.
    fn default() -> Self {
        Self {
            prefix: "user-service:".to_owned(),
            command_timeout: Duration::from_millis(100),
            connect_timeout: Duration::from_millis(300),
        }
    }
}

/// A connection that is being made, or was made.
type Opening = Shared<BoxFuture<'static, Result<Connection, Trouble>>>;

/// One connection, or one to each node of a cluster, that all commands share. It is made when it is needed,
/// and made anew when it is lost. While Redis does not answer, commands fail at once.
#[derive(Clone)]
pub struct RedisPool(Arc<Inner>);

struct Inner {
    connector: Arc<Connector>,
    keys: Keys,
    command_timeout: Duration,
    runtime: Handle,
    breaker: Breaker,
    opening: Mutex<Option<Opening>>,
}

impl RedisPool {
    /// Reads the URL and asks nobody: the service may start before Redis. MUST be called within the runtime
    /// that is to keep the connections.
    pub fn open(url: &str, options: RedisOptions) -> Result<Self, OpenError> {
        let target = Target::parse(url)?;
        let runtime = Handle::try_current().map_err(|_| OpenError::Runtime)?;
        let connector = Connector::new(target, options.command_timeout, options.connect_timeout);
        Ok(Self(Arc::new(Inner {
            connector: Arc::new(connector),
            keys: Keys::new(options.prefix)?,
            command_timeout: options.command_timeout,
            runtime,
            breaker: Breaker::new(),
            opening: Mutex::new(None),
        })))
    }

    /// Whether Redis answered when it was last asked: false before the first answer, and while it is left
    /// alone.
    pub fn is_up(&self) -> bool {
        self.0.breaker.is_up()
    }

    /// The names of keys.
    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Runs commands within the time that a command may take.
    pub(crate) async fn run<T, F>(
        &self,
        work: impl FnOnce(Connection) -> F + Send,
    ) -> Result<T, CacheError>
    where
        F: Future<Output = RedisResult<T>> + Send,
    {
        self.attempt(work)
            .await
            .map_err(|trouble| CacheError(trouble.into()))
    }

    /// A connection of its own that hears a channel.
    pub(crate) async fn listen(&self, channel: &str) -> Result<PubSub, CacheError> {
        self.0
            .connector
            .listen(channel)
            .await
            .map_err(|trouble| CacheError(trouble.into()))
    }

    async fn attempt<T, F>(&self, work: impl FnOnce(Connection) -> F + Send) -> Result<T, Trouble>
    where
        F: Future<Output = RedisResult<T>> + Send,
    {
        if !self.0.breaker.permits() {
            return Err(Trouble::Resting);
        }
        let opening = self.opening();
        let answer = timeout(self.0.command_timeout, async {
            let connection = opening.clone().await?;
            work(connection).await.map_err(Trouble::from)
        })
        .await
        .unwrap_or(Err(Trouble::Slow));
        self.learn(answer.as_ref().err(), &opening);
        answer
    }

    /// Draws the conclusions from an outcome.
    fn learn(&self, trouble: Option<&Trouble>, opening: &Opening) {
        let change = match trouble {
            None => self.0.breaker.succeeded(),
            Some(_) => self.0.breaker.failed(),
        };
        // A connection whose server does not answer may be half open: the next one is fresh.
        if trouble.is_some_and(Trouble::ends_connection) || change == Change::Opened {
            self.drop_connection(opening);
        }
        match (change, trouble) {
            (Change::Opened, Some(trouble)) => {
                tracing::warn!(%trouble, "Redis is away; requests go on without it");
            }
            (Change::Closed, _) => tracing::info!("Redis is back"),
            _ => {}
        }
    }

    /// The connection of now: there, or on its way.
    fn opening(&self) -> Opening {
        let mut slot = self.slot();
        if let Some(opening) = slot.as_ref().filter(|opening| !has_failed(opening)) {
            return opening.clone();
        }
        let connector = Arc::clone(&self.0.connector);
        let opening = async move { connector.connect().await }.boxed().shared();
        // It goes on when the command that asked for it went away.
        self.0.runtime.spawn(opening.clone());
        *slot = Some(opening.clone());
        opening
    }

    /// Forgets a connection that was made, unless another one took its place. One on its way is kept.
    fn drop_connection(&self, opening: &Opening) {
        let mut slot = self.slot();
        if opening.peek().is_some() && slot.as_ref().is_some_and(|now| now.ptr_eq(opening)) {
            *slot = None;
        }
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Opening>> {
        self.0
            .opening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn has_failed(opening: &Opening) -> bool {
    matches!(opening.peek(), Some(Err(_)))
}

#[async_trait]
impl Dependency for RedisPool {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn is_essential(&self) -> bool {
        false
    }

    async fn check(&self) -> Result<(), Source> {
        self.attempt(|mut connection| async move {
            redis::cmd("PING").query_async::<()>(&mut connection).await
        })
        .await
        .map_err(Source::from)
    }
}
