#![doc = include_str!("../README.md")]

pub mod avatar;
pub mod bulk;
pub mod cache;
pub mod clock;
pub mod fault;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod ids;
pub mod preferences;
pub mod profile;
pub mod quota;
pub mod revocation;
pub mod session;
pub mod store;
pub mod text;
