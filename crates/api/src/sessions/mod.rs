//! Endpoints of sessions.

mod bodies;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;
pub(crate) mod revoke_all;
mod schemas;

pub(crate) use bodies::SessionBody;
