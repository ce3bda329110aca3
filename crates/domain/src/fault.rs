//! What is wrong with one value.

mod code;

pub use code::FaultCode;

/// A rule that a value breaks: a stable code for programs and a sentence for people.
///
/// The sentence never repeats the value, which may be personal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// Which rule.
    pub code: FaultCode,
    /// One sentence in English without a final stop.
    pub message: String,
}

impl Fault {
    /// A fault of this code and sentence.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The value has more than `max` characters (Unicode scalar values).
    pub fn too_long(max: usize) -> Self {
        Self::new(
            FaultCode::TooLong,
            format!("must have at most {max} characters"),
        )
    }
}
