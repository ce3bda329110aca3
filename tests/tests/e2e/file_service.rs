//! File Services of one's own, which may be harmed.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::harness::{files_below, free_port};
use crate::process::Process;

const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(20);
const TOKEN: &str = "the-token-of-the-file-service";

/// The reference File Service. It keeps its files when it ends.
pub(crate) struct FileService {
    port: u16,
    pub(crate) process: Process,
    home: TempDir,
}

impl FileService {
    /// A running service.
    pub(crate) async fn start() -> Self {
        let mut service = Self {
            port: free_port(),
            process: Process::default(),
            home: tempfile::tempdir().unwrap(),
        };
        service.run().await;
        service
    }

    /// What the user service has to be told.
    pub(crate) fn settings(&self) -> [(&'static str, String); 2] {
        [
            ("FILE_SERVICE_URL", self.url()),
            ("FILE_SERVICE_TOKEN", TOKEN.to_owned()),
        ]
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many files it keeps.
    pub(crate) fn files(&self) -> usize {
        files_below(self.home.path())
    }

    /// Starts it on its port.
    pub(crate) async fn run(&mut self) {
        let mut command = Command::new(program());
        command
            .env("FILE_SERVICE_PORT", self.port.to_string())
            .env("FILE_SERVICE_DIR", self.home.path())
            .env("FILE_SERVICE_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        self.process.start(&mut command);
        let end = Instant::now() + PATIENCE;
        let health = format!("{}/health", self.url());
        while !reqwest::get(&health)
            .await
            .is_ok_and(|it| it.status() == 200)
        {
            assert!(Instant::now() < end, "the File Service does not answer");
            tokio::time::sleep(TICK).await;
        }
    }
}

/// It is built beside the tests.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("file-service");
    assert!(
        program.is_file(),
        "there is no program at {}: build it with `cargo build -p user-service-file-service`",
        program.display()
    );
    program
}
