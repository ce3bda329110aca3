//! What all endpoints share.

mod admission;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod client;
pub(crate) mod conditional;
pub(crate) mod context;
pub(crate) mod hardening;
pub(crate) mod idempotency;
pub(crate) mod links;
pub(crate) mod members;
pub(crate) mod negotiation;
pub(crate) mod query;
pub(crate) mod route;
pub(crate) mod target;
pub(crate) mod timestamp;
