#![doc = include_str!("../README.md")]

mod catalogue;
mod error;
mod ledger;
mod lock;
mod migrator;
mod run;
mod waiting;

pub use error::MigrateError;
pub use ledger::ledger_in;
pub use migrator::Migrator;
pub use run::{MigrationStatus, down, is_current, plan, script, status, up};
