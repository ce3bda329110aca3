#![doc = include_str!("../README.md")]

mod constraints;
mod dialect;
mod doubt;
mod entity;
mod error;
mod fixed;
pub mod hot;
pub mod inspect;
mod kept;
mod pool;
mod queue;
mod repo;
mod search;
pub mod setup;
pub mod statements;
mod store;
mod thread_stores;
mod unit_of_work;

pub use dialect::{Dialect, Trouble, build};
pub use doubt::Doubt;
pub use error::store_error;
pub use kept::{Kept, Room, Statements};
pub use pool::PoolOptions;
pub use store::SqlStore;
pub use thread_stores::ThreadStores;
