#![doc = include_str!("../README.md")]

mod address;
mod breaker;
mod connector;
mod error;
mod hex;
mod keys;
mod notices;
mod pool;
mod quotas;
mod replay_cache;
mod response;
mod revocation_bus;
mod session_cache;
mod time;
mod verdict;

pub use error::OpenError;
pub use pool::{RedisOptions, RedisPool};
pub use quotas::RedisQuotas;
pub use replay_cache::RedisReplayCache;
pub use revocation_bus::RedisRevocationBus;
pub use session_cache::RedisSessionCache;
