#![doc = include_str!("../README.md")]

mod catalogue;
mod error;
mod lock;
mod migrator;
mod run;

pub use error::MigrateError;
pub use migrator::Migrator;
pub use run::{MigrationStatus, down, is_current, plan, status, up};
