//! `/users`: profiles.

mod bodies;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod me;
pub(crate) mod patch;
mod schemas;
pub(crate) mod search;

pub(crate) use bodies::{ProfileBody, ProfileListBody};
