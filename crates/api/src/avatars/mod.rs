//! `/users/{id}/avatar` and `/avatars`: pictures of people.

mod body;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod libravatar;
mod serve;
pub(crate) mod upload;
mod uploads;

pub use uploads::Uploads;
