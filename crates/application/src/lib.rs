#![doc = include_str!("../README.md")]

pub mod authz;
pub mod avatar;
pub mod bulk;
pub mod error;
pub mod idempotency;
pub mod paging;
pub mod preferences;
pub mod profile;
mod retry;
pub mod revision;
pub mod revocation;
pub mod session;

pub use error::UseCaseError;
