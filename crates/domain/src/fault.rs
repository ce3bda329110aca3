//! What is wrong with one value.

/// A rule that a value breaks: a stable code for programs and a sentence for people.
///
/// The sentence never repeats the value, which may be personal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// Stable, in snake case: `too_long`, `not_a_url`, …
    pub code: &'static str,
    /// One sentence in English without a final stop.
    pub message: String,
}

impl Fault {
    /// A fault of this code and sentence.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The value has more than `max` characters (Unicode scalar values).
    pub fn too_long(max: usize) -> Self {
        Self::new("too_long", format!("must have at most {max} characters"))
    }
}
