//! The ports, one file each.

mod accounts;
mod avatars;
mod idempotency;
mod preferences;
mod profile_reader;
mod profile_search;
mod profiles;
mod revocations;
mod search_index;
mod session_reader;
mod session_upkeep;
mod sessions;

pub(crate) use profiles::{patched, replacement};
