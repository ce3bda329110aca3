//! What is wrong with a picture, in words.

use user_service_domain::avatar::ImageFault;
use user_service_domain::fault::{Fault, FaultCode};

use super::{FieldError, Problem, ProblemType};

/// The picture is refused: 415 for its type, else 422.
pub(super) fn refused(fault: ImageFault) -> Problem {
    let (code, message) = match fault {
        ImageFault::Type(found) => {
            return Problem::because(ProblemType::UnsupportedImage, unsupported(found));
        }
        ImageFault::Empty => (FaultCode::Empty, "is empty".to_owned()),
        ImageFault::Side { width, height } => (
            FaultCode::SideTooLong,
            format!("has a side that is too long ({width} x {height} pixels)"),
        ),
        ImageFault::Pixels { width, height } => (
            FaultCode::TooManyPixels,
            format!("has too many pixels ({width} x {height})"),
        ),
        ImageFault::Memory => (
            FaultCode::TooMuchMemory,
            "needs too much memory to be decoded".to_owned(),
        ),
        ImageFault::Time => (FaultCode::TooSlow, "takes too long to decode".to_owned()),
        ImageFault::Animation => (
            FaultCode::AnimationTooLarge,
            "is an animation with too much to show".to_owned(),
        ),
        ImageFault::Metadata => (
            FaultCode::MetadataTooLarge,
            "carries metadata that swell beyond what is taken".to_owned(),
        ),
        ImageFault::Polyglot => (
            FaultCode::NotOnlyAPicture,
            "holds something else beside the picture".to_owned(),
        ),
        ImageFault::Truncated => (FaultCode::Truncated, "ends before its end".to_owned()),
        ImageFault::Broken => (FaultCode::Broken, "cannot be decoded".to_owned()),
    };
    let detail = format!("The picture is refused: it {message}.");
    let error = FieldError::member("file", Fault::new(code, message));
    Problem::because(ProblemType::InvalidImage, detail).with_errors(vec![error])
}

fn unsupported(found: Option<&str>) -> String {
    match found {
        Some(kind) => format!("The file is {kind} by its bytes, which is not taken."),
        None => "The file is no picture of a known type, by its bytes.".to_owned(),
    }
}
