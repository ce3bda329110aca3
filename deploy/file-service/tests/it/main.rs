//! The protocol of `docs/FILE_SERVICE.md`, spoken with the reference service.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod document;
mod files;
mod lists;
mod program;
mod service;
