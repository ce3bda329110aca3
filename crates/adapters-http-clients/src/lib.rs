#![doc = include_str!("../README.md")]

mod client;
mod file_service;
mod jwks;
mod key_set;
mod remote;
mod service_url;

pub use client::{CallError, ClientError};
pub use file_service::{FileServiceError, FileServiceSettings, FileServiceStore};
pub use jwks::{JwksSettings, JwksVerifier, count_keys};
pub use remote::{RemoteSettings, RemoteVerifier};
pub use service_url::ServiceUrl;
