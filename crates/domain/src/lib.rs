#![doc = include_str!("../README.md")]

pub mod clock;
pub mod fault;
pub mod idempotency;
pub mod identity;
pub mod ids;
pub mod preferences;
pub mod profile;
pub mod store;
pub mod text;
