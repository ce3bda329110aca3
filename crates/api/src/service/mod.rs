//! What operators and developers ask of the service itself.

pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod root;
pub(crate) mod version;
mod vitals;

pub use vitals::{Build, Vitals};
