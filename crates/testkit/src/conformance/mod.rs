//! The promises of the ports, one case each, and the one list of them: [`store_conformance!`].
//!
//! [`store_conformance!`]: crate::store_conformance

pub mod accounts;
pub mod avatars;
pub mod filtering;
pub mod idempotency;
pub mod listing;
pub mod patches;
pub mod preferences;
pub mod profiles;
pub mod removal;
pub mod replacements;
pub mod revocations;
pub mod searching;
pub mod session_reading;
pub mod session_upkeep;
pub mod sessions;
mod support;
pub mod texts;
pub mod unit_of_work;
pub mod writers;
