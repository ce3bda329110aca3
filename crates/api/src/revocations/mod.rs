//! The feed of revocations, for other services.

mod bodies;
pub(crate) mod list;

pub(crate) use bodies::{RevocationBody, RevocationPageBody};
