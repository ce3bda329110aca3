#![doc = include_str!("../README.md")]
#![expect(
    clippy::unwrap_used,
    reason = "only tests use this crate, and a broken promise must fail the test that asked for it"
)]

pub mod avatars;
mod build;
pub mod caches;
mod clock;
pub mod conformance;
mod ids;
mod memory;
pub mod quotas;
mod stamp;

pub use build::{account, profile};
pub use clock::FixedClock;
pub use ids::SequentialIds;
pub use memory::{FaultKind, MemoryStore};
