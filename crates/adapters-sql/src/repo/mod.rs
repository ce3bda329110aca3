//! The ports, one file each.

mod idempotency;
mod preferences;
mod profile_reader;
mod profiles;
