//! The ports, one file each.

mod avatars;
mod idempotency;
mod preferences;
mod profile_reader;
mod profiles;
mod revocations;
mod session_reader;
mod session_upkeep;
mod sessions;
