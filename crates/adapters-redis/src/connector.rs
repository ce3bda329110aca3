//! Makes connections, whatever the URL points at.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection, PubSub};
use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, Pipeline, RedisFuture, RedisResult,
    TlsMode, Value,
};
use tokio::time::timeout;

use crate::address::{Target, Watched, tcp_settings};
use crate::error::Trouble;

/// How many commands may wait to be written.
const QUEUE: usize = 1024;
/// How many connections one after another it takes to reach a master through a Sentinel, or a cluster.
const HOPS: u32 = 3;

/// A connection that all share.
#[derive(Clone)]
pub(crate) enum Connection {
    /// To one server.
    One(MultiplexedConnection),
    /// To the nodes of a cluster.
    Cluster(ClusterConnection),
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        cmd: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(connection) => connection.req_packed_commands(cmd, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(cmd, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}

/// Connects to what a URL points at.
pub(crate) struct Connector {
    target: Target,
    command_timeout: Duration,
    connect_timeout: Duration,
    /// Which Sentinel or node is asked first: another one each time, as the first may be gone.
    turn: AtomicUsize,
}

impl Connector {
    /// To this target.
    pub(crate) fn new(
        target: Target,
        command_timeout: Duration,
        connect_timeout: Duration,
    ) -> Self {
        Self {
            target,
            command_timeout,
            connect_timeout,
            turn: AtomicUsize::new(0),
        }
    }

    /// A connection for commands.
    pub(crate) async fn connect(&self) -> Result<Connection, Trouble> {
        self.in_time(async {
            match &self.target {
                Target::One(info) => self.to_one(&Client::open(info.clone())?).await,
                Target::Sentinel(watched) => self.to_one(&self.master(watched).await?).await,
                Target::Cluster(nodes) => self
                    .cluster(nodes)?
                    .get_async_connection()
                    .await
                    .map(Connection::Cluster),
            }
        })
        .await
    }

    /// A connection of its own that hears a channel.
    pub(crate) async fn listen(&self, channel: &str) -> Result<PubSub, Trouble> {
        self.in_time(async {
            let client = match &self.target {
                Target::One(info) => Client::open(info.clone())?,
                Target::Sentinel(watched) => self.master(watched).await?,
                // Every node of a cluster hears what is published on any.
                Target::Cluster(nodes) => Client::open(self.in_turn(nodes).swap_remove(0))?,
            };
            let mut listener = client.get_async_pubsub().await?;
            listener.subscribe(channel).await?;
            Ok(listener)
        })
        .await
    }

    async fn in_time<T>(
        &self,
        connecting: impl Future<Output = RedisResult<T>>,
    ) -> Result<T, Trouble> {
        let patience = match &self.target {
            Target::One(_) => self.connect_timeout,
            Target::Sentinel(_) | Target::Cluster(_) => self.connect_timeout * HOPS,
        };
        match timeout(patience, connecting).await {
            Ok(connection) => connection.map_err(Trouble::from),
            Err(_) => Err(Trouble::Slow),
        }
    }

    async fn to_one(&self, client: &Client) -> RedisResult<Connection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.connect_timeout))
            .set_response_timeout(Some(self.command_timeout))
            .set_pipeline_buffer_size(QUEUE);
        client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map(Connection::One)
    }

    /// The master as a Sentinel knows it at this moment.
    async fn master(&self, watched: &Watched) -> RedisResult<Client> {
        let mut builder = SentinelClientBuilder::new(
            self.in_turn(&watched.sentinels),
            &watched.name,
            SentinelServerType::Master,
        )?
        .set_client_to_redis_db(watched.node.db())
        .set_client_to_redis_tcp_settings(tcp_settings());
        if watched.tls {
            builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
        }
        if let Some(username) = watched.node.username() {
            builder = builder.set_client_to_redis_username(username);
        }
        if let Some(password) = watched.node.password() {
            builder = builder.set_client_to_redis_password(password);
        }
        if let Some(username) = watched.greeting.username() {
            builder = builder.set_client_to_sentinel_username(username);
        }
        if let Some(password) = watched.greeting.password() {
            builder = builder.set_client_to_sentinel_password(password);
        }
        builder.build()?.async_get_client().await
    }

    fn cluster(&self, nodes: &[ConnectionInfo]) -> RedisResult<ClusterClient> {
        ClusterClientBuilder::new(self.in_turn(nodes))
            .connection_timeout(self.connect_timeout)
            .response_timeout(self.command_timeout)
            .retries(1)
            .tcp_settings(tcp_settings())
            .build()
    }

    /// The same seeds, beginning with another one each time.
    fn in_turn<T: Clone>(&self, seeds: &[T]) -> Vec<T> {
        let mut seeds = seeds.to_vec();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let first = turn.checked_rem(seeds.len()).unwrap_or_default();
        seeds.rotate_left(first);
        seeds
    }
}
