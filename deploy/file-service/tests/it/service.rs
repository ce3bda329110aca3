//! The service in this process.

use std::net::{SocketAddr, TcpListener};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use user_service_file_service::{Settings, serve};

pub(crate) const TOKEN: &str = "0123456789abcdef";
pub(crate) const MAX_SIZE: usize = 100_000;

pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) directory: TempDir,
    http: reqwest::Client,
}

/// What the field says of a file.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(bytes)))
}

impl Service {
    /// Starts on a free port.
    pub(crate) fn start() -> Self {
        Self::over(tempfile::tempdir().unwrap())
    }

    /// Starts over a directory that may have files.
    pub(crate) fn over(directory: TempDir) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let settings =
            Settings::new(directory.path().to_owned(), TOKEN.to_owned(), MAX_SIZE).unwrap();
        tokio::spawn(serve(listener, settings).unwrap());
        Self {
            address,
            directory,
            http: reqwest::Client::new(),
        }
    }

    /// A request without a token.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(TOKEN)
    }

    pub(crate) async fn put(&self, key: &str, bytes: &[u8]) -> u16 {
        let put = self
            .request(Method::PUT, &format!("/files/{key}"))
            .header("content-digest", digest(bytes))
            .body(bytes.to_vec());
        put.send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> u16 {
        let delete = self.request(Method::DELETE, path).send().await.unwrap();
        delete.status().as_u16()
    }

    /// The keys and prefixes of a list, and what comes next.
    pub(crate) async fn list(&self, query: &str) -> (Vec<String>, Vec<String>, Option<String>) {
        let answer = self.get(&format!("/files?{query}")).await;
        assert_eq!(answer.status(), 200);
        let page: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let keys = page["items"].as_array().unwrap();
        let keys = keys.iter().map(|item| text(&item["key"])).collect();
        let prefixes = page["prefixes"].as_array().cloned().unwrap_or_default();
        let next = page["next"].as_str().map(str::to_owned);
        (keys, prefixes.iter().map(text).collect(), next)
    }
}

/// That an answer is a problem of this status (RFC 9457).
pub(crate) async fn assert_problem(answer: Response, status: u16) {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(body["status"], status);
    for member in ["type", "title", "detail"] {
        assert!(body[member].is_string());
    }
}
