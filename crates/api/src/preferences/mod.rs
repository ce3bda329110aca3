//! `/users/{id}/preferences`.

mod bodies;
pub(crate) mod get;
pub(crate) mod patch;

pub(crate) use bodies::PreferencesBody;
