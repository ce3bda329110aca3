//! The search: what is looked up in which order, and how it stays within bounds.

pub(crate) mod stages;
mod stream;
pub(crate) mod terms;
pub(crate) mod walk;
