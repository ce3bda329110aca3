//! What the adapter promises, on files that are built here byte by byte.

#![expect(clippy::unwrap_used, reason = "a test may fail")]
#![expect(clippy::panic, reason = "a test may fail")]
#![expect(
    clippy::cast_possible_truncation,
    reason = "what is built here is small"
)]

mod colours;
mod faults;
mod files;
mod kinds;
mod load;
mod mutated;
mod output;
mod seen;
mod upright;
