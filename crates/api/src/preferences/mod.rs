//! `/users/{id}/preferences`.

mod bodies;
pub(crate) mod get;
pub(crate) mod patch;
mod schemas;

pub(crate) use bodies::PreferencesBody;
