//! A user as a JSON object.

mod read;
mod write;

pub(crate) use read::user;
pub use read::{parse, parse_moment};
pub(crate) use write::Line;
pub use write::write;
