//! The use cases of changes, lists, imports, sessions, revocations and avatars over the in-memory stores.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod activity;
mod avatars;
mod cap;
mod changing;
mod gate;
mod importing;
mod provisioning;
mod replica;
mod revoking;
mod totals;
