#![doc = include_str!("../README.md")]

mod csv_cells;
mod csv_reader;
mod format;
mod hex;
pub mod json;
mod members;
mod ndjson_reader;
mod reader;
mod set_digest;
mod tee;
mod writer;

pub use format::Format;
pub use hex::hex;
pub use reader::{Entry, Mark, ReadError, UserReader};
pub use set_digest::SetDigest;
pub use writer::UserWriter;

/// The longest line, in bytes: enough for settings of 64 KiB whose characters are all escaped.
pub const MAX_LINE: usize = 256 * 1024;
