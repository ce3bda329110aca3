//! Redis servers of one's own, which may be harmed.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::free_port;
use crate::process::Process;

const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(20);

/// A Redis server. It forgets everything when it ends.
pub(crate) struct Redis {
    port: u16,
    process: Process,
    home: TempDir,
}

impl Redis {
    /// A running server.
    pub(crate) async fn start() -> Self {
        let mut redis = Self::absent();
        redis.run().await;
        redis
    }

    /// A place where no server is yet.
    pub(crate) fn absent() -> Self {
        Self {
            port: free_port(),
            process: Process::default(),
            home: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it on its port.
    pub(crate) async fn run(&mut self) {
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        command
            .args(["--port", &port, "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        self.process.start(&mut command);
        let end = Instant::now() + PATIENCE;
        while !self.answers().await {
            assert!(Instant::now() < end, "Redis does not answer");
            tokio::time::sleep(TICK).await;
        }
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Connections stay, and nothing answers any more.
    pub(crate) fn freeze(&self) {
        self.process.freeze();
    }

    /// It goes on as if nothing had been.
    pub(crate) fn thaw(&self) {
        self.process.thaw();
    }

    async fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)).await else {
            return false;
        };
        let mut answer = [0; 5];
        stream.write_all(b"PING\r\n").await.is_ok()
            && stream.read_exact(&mut answer).await.is_ok()
            && &answer == b"+PONG"
    }
}
