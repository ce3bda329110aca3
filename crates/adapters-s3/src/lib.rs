#![doc = include_str!("../README.md")]

mod error;
mod guard;
mod keys;
mod open;
mod settings;
mod store;

pub use error::{OpenError, S3Error};
pub use settings::S3Settings;
pub use store::S3AvatarStore;
