//! Tests on a real S3 server, which runs within the test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod buckets;
mod conformance;
mod faults;
mod odd;
mod server;
