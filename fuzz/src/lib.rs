//! What every fuzz target does with some bytes. It panics where a promise is broken.
//!
//! `tests/tests/fuzz_corpora.rs` has these functions too, and runs them on everything in `fuzz/corpus`.

mod targets;

pub use targets::*;
