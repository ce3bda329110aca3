//! A server that speaks S3, over a directory.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use user_service_adapters_s3::S3Settings;
use user_service_telemetry::HttpClientMeasures;

pub(crate) const BUCKET: &str = "files";
pub(crate) const KEY_ID: &str = "hunter1id";
pub(crate) const SECRET: &str = "hunter2secret";

pub(crate) struct Server {
    address: SocketAddr,
    directory: TempDir,
    service: S3Service,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts on a free port, with an empty bucket.
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(directory.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut server = Self {
            address: listener.local_addr().unwrap(),
            directory,
            service: service.build(),
            task: None,
        };
        server.listen(listener);
        server
    }

    fn listen(&mut self, listener: TcpListener) {
        self.task = Some(tokio::spawn(accept(listener, self.service.clone())));
    }

    /// Breaks every connection off, and refuses others.
    pub(crate) async fn kill(&mut self) {
        let task = self.task.take().unwrap();
        task.abort();
        let _aborted = task.await;
    }

    /// Listens again, on the same port.
    pub(crate) async fn restart(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.listen(listener);
    }

    pub(crate) fn bucket(&self) -> PathBuf {
        self.directory.path().join(BUCKET)
    }

    pub(crate) fn settings(&self) -> S3Settings {
        settings(self.address)
    }
}

/// For a server at this address.
pub(crate) fn settings(address: SocketAddr) -> S3Settings {
    S3Settings {
        bucket: BUCKET.to_owned(),
        endpoint: Some(format!("http://{address}")),
        region: "eu-central-1".to_owned(),
        access_key_id: KEY_ID.to_owned(),
        secret_access_key: SECRET.to_owned(),
        prefix: S3Settings::PREFIX.to_owned(),
        timeout: S3Settings::TIMEOUT,
        failures: S3Settings::FAILURES,
        leave_alone_for: Duration::from_millis(200),
        measures: HttpClientMeasures::default(),
    }
}

async fn accept(listener: TcpListener, service: S3Service) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let service = service.clone();
        connections.spawn(async move {
            let http = Builder::new(TokioExecutor::new());
            // The client may break off, which is its right.
            let _served = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// The paths of all files of the bucket, sorted; those apart that the server notes things in.
pub(crate) fn files(bucket: &Path) -> Vec<String> {
    let mut found = vec![];
    let mut directories = vec![bucket.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                let key = path.strip_prefix(bucket).unwrap().display().to_string();
                found.push(key);
            }
        }
    }
    found.sort();
    found
}
