//! Use cases of idempotency keys.

mod prune_keys;
mod reserve_key;

pub use prune_keys::PruneKeys;
pub use reserve_key::{ReserveKey, Reserved};
