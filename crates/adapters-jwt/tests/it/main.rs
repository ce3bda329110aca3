//! Tests of whole verifiers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../shared/forgeries.rs"]
mod forgeries;
mod remembering;
mod secret_tokens;
