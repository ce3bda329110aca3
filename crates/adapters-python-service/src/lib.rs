#![doc = include_str!("../README.md")]

mod mend;
mod reader;
mod row;
mod sessions;
mod sql;
mod users;

pub use reader::{PythonService, Reader, SourceError};
pub use sessions::FormerSession;
pub use sql::TextType;
pub use users::FormerUser;
