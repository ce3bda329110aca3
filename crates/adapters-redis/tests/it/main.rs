//! Tests on real servers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod conformance;
mod faults;
mod foreign;
mod forms;
mod private;
mod support;
