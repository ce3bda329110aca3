#![doc = include_str!("../README.md")]

mod constraints;
mod dialect;
mod entity;
mod error;
mod pool;
mod repo;
mod search;
pub mod statements;
mod store;
mod unit_of_work;

pub use dialect::{Dialect, Trouble, build};
pub use error::store_error;
pub use pool::PoolOptions;
pub use store::SqlStore;
