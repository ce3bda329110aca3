//! What is wrong with a picture, in words.

use user_service_domain::avatar::ImageFault;
use user_service_domain::fault::Fault;

use super::{FieldError, Problem, ProblemType};

/// The picture is refused: 415 for its type, else 422.
pub(super) fn refused(fault: ImageFault) -> Problem {
    if let ImageFault::Type(found) = fault {
        return Problem::because(ProblemType::UnsupportedImage, unsupported(found));
    }
    let (code, message) = told(fault);
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

fn told(fault: ImageFault) -> (&'static str, String) {
    match fault {
        ImageFault::Empty => ("empty", "is empty".to_owned()),
        ImageFault::Type(found) => ("unsupported_type", unsupported(found)),
        ImageFault::Side { width, height } => (
            "side_too_long",
            format!("has a side that is too long ({width} x {height} pixels)"),
        ),
        ImageFault::Pixels { width, height } => (
            "too_many_pixels",
            format!("has too many pixels ({width} x {height})"),
        ),
        ImageFault::Memory => (
            "too_much_memory",
            "needs too much memory to be decoded".to_owned(),
        ),
        ImageFault::Time => ("too_slow", "takes too long to decode".to_owned()),
        ImageFault::Animation => (
            "animation_too_large",
            "is an animation with too much to show".to_owned(),
        ),
        ImageFault::Metadata => (
            "metadata_too_large",
            "carries metadata that swell beyond what is taken".to_owned(),
        ),
        ImageFault::Polyglot => (
            "not_only_a_picture",
            "holds something else beside the picture".to_owned(),
        ),
        ImageFault::Truncated => ("truncated", "ends before its end".to_owned()),
        ImageFault::Broken => ("broken", "cannot be decoded".to_owned()),
    }
}
