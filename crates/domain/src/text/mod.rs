//! Rules for human text, by the Unicode data of ICU4X.

mod fold;
mod rules;
pub mod words;

pub use fold::{SearchText, fold};
pub(crate) use rules::{at_most, has_visible, nfc, no_controls};
