//! The use cases of sessions and revocations over the in-memory store, in two replicas.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod activity;
mod cap;
mod gate;
mod provisioning;
mod replica;
mod revoking;
