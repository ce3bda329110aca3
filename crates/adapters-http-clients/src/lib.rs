#![doc = include_str!("../README.md")]

mod client;
mod jwks;
mod key_set;
mod remote;
mod service_url;

pub use client::{CallError, ClientError};
pub use jwks::{JwksSettings, JwksVerifier};
pub use remote::{RemoteSettings, RemoteVerifier};
pub use service_url::ServiceUrl;
