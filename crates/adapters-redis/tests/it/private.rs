//! Servers of a test's own, which it may harm.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redis::{Client, Connection};
use tempfile::TempDir;

use crate::support::PATIENCE;

/// A `redis-server`. It forgets everything when it ends, and ends with this value.
pub(crate) struct PrivateRedis {
    pub(crate) port: u16,
    arguments: Vec<String>,
    home: TempDir,
    child: Option<Child>,
}

impl PrivateRedis {
    /// A running server with these settings besides the usual ones.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut server = Self::absent(arguments);
        server.run();
        server
    }

    /// A server that does not run yet.
    pub(crate) fn absent(arguments: &[&str]) -> Self {
        Self {
            port: free_port(),
            arguments: arguments.iter().map(|&text| text.to_owned()).collect(),
            home: tempfile::Builder::new().prefix("ust_").tempdir().unwrap(),
            child: None,
        }
    }

    /// A Sentinel that watches a master by the name `main`, and is quick to give it up.
    pub(crate) fn sentinel(master: u16) -> Self {
        let mut sentinel = Self::absent(&[]);
        let settings = sentinel.home.path().join("sentinel.conf");
        let text = format!(
            "sentinel monitor main 127.0.0.1 {master} 1\n\
             sentinel down-after-milliseconds main 500\n\
             sentinel failover-timeout main 3000\n"
        );
        std::fs::write(&settings, text).unwrap();
        sentinel.arguments = vec![
            settings.to_str().unwrap().to_owned(),
            "--sentinel".to_owned(),
        ];
        sentinel.run();
        sentinel
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A directory that goes with the server.
    pub(crate) fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Starts it, and waits until it answers.
    pub(crate) fn run(&mut self) {
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        let is_sentinel = self.arguments.iter().any(|text| text == "--sentinel");
        command.args(&self.arguments);
        if !is_sentinel {
            command.args(["--save", "", "--appendonly", "no"]);
        }
        command
            .args(["--port", &port, "--bind", "127.0.0.1"])
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        self.child = Some(command.spawn().unwrap());
        until("a private Redis answers", || match self.connect() {
            Ok(mut connection) => {
                let pong = redis::cmd("PING").query::<()>(&mut connection);
                // That it wants a password is an answer, too.
                !pong.is_err_and(|error| error.is_io_error())
            }
            Err(_) => false,
        });
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Connections stay, and nothing answers any more.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    /// It goes on as if nothing had been.
    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    /// A connection of the test itself.
    pub(crate) fn connect(&self) -> redis::RedisResult<Connection> {
        Client::open(self.url())?.get_connection_with_timeout(Duration::from_secs(1))
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for PrivateRedis {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A master, its replica, and a Sentinel that watches them.
pub(crate) struct Watched {
    pub(crate) master: PrivateRedis,
    pub(crate) sentinel: PrivateRedis,
    _replica: PrivateRedis,
}

impl Watched {
    pub(crate) fn start() -> Self {
        let master = PrivateRedis::start(&[]);
        let replica = PrivateRedis::start(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
        let sentinel = PrivateRedis::sentinel(master.port);
        let watched = Self {
            master,
            sentinel,
            _replica: replica,
        };
        until("the Sentinel knows the replica", || {
            let mut connection = watched.sentinel.connect().unwrap();
            let replicas: Vec<redis::Value> = redis::cmd("SENTINEL")
                .arg("REPLICAS")
                .arg("main")
                .query(&mut connection)
                .unwrap();
            !replicas.is_empty()
        });
        watched
    }

    pub(crate) fn url(&self) -> String {
        // One that is not there is passed over.
        format!(
            "redis+sentinel://127.0.0.1:{},127.0.0.1:{}/main",
            free_port(),
            self.sentinel.port
        )
    }
}

/// A cluster of three masters.
pub(crate) struct Cluster(pub(crate) Vec<PrivateRedis>);

impl Cluster {
    pub(crate) fn start() -> Self {
        let nodes: Vec<_> = (0..3)
            .map(|_| {
                let bus = free_port().to_string();
                let settings = ["--cluster-enabled", "yes", "--cluster-port", &bus];
                (PrivateRedis::start(&settings), bus)
            })
            .collect();
        let slots = [[0, 5460], [5461, 10922], [10923, 16383]];
        for ((node, _), [first, last]) in nodes.iter().zip(slots) {
            let mut connection = node.connect().unwrap();
            redis::cmd("CLUSTER")
                .arg("ADDSLOTSRANGE")
                .arg(first)
                .arg(last)
                .query::<()>(&mut connection)
                .unwrap();
            for (other, bus) in &nodes {
                redis::cmd("CLUSTER")
                    .arg("MEET")
                    .arg("127.0.0.1")
                    .arg(other.port)
                    .arg(bus)
                    .query::<()>(&mut connection)
                    .unwrap();
            }
        }
        for (node, _) in &nodes {
            until("the cluster is whole", || {
                let mut connection = node.connect().unwrap();
                let info: String = redis::cmd("CLUSTER")
                    .arg("INFO")
                    .query(&mut connection)
                    .unwrap();
                info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            });
        }
        Self(nodes.into_iter().map(|(node, _)| node).collect())
    }

    pub(crate) fn url(&self) -> String {
        let hosts: Vec<_> = self
            .0
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port))
            .collect();
        format!("redis+cluster://{}", hosts.join(","))
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A port on which nothing listens.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
