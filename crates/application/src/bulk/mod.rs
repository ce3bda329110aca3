//! Use cases of users by the million.

mod adopt_sessions;
mod compare_users;
mod import_users;
mod plan;

pub use adopt_sessions::AdoptSessions;
pub use compare_users::{CompareUsers, Compared};
pub use import_users::{How, IdRule, ImportUsers};
pub use plan::Outcome;
