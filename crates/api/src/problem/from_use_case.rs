//! What each failure of a use case means in HTTP.

use actix_web::http::header::{ETAG, HeaderValue};
use user_service_application::UseCaseError;

use super::{FieldError, Problem, ProblemType, image};

impl From<UseCaseError> for Problem {
    fn from(error: UseCaseError) -> Self {
        match error {
            UseCaseError::Unauthenticated => Self::new(ProblemType::MissingToken),
            UseCaseError::Forbidden(why) => Self::forbidden(why),
            UseCaseError::SessionEnded => Self::new(ProblemType::SessionEnded),
            UseCaseError::AccountEnded => Self::new(ProblemType::AccountEnded),
            UseCaseError::SessionNotFound => Self::new(ProblemType::SessionNotFound),
            UseCaseError::SessionOver => Self::new(ProblemType::SessionOver),
            UseCaseError::ProfileNotFound => Self::new(ProblemType::ProfileNotFound),
            UseCaseError::ProfileExists => Self::new(ProblemType::ProfileExists),
            UseCaseError::PreconditionFailed(current) => {
                let problem = Self::new(ProblemType::PreconditionFailed);
                match HeaderValue::from_str(&format!("\"{current}\"")) {
                    Ok(etag) => problem.with(ETAG, etag),
                    Err(_) => problem,
                }
            }
            UseCaseError::PictureChanged => Self::new(ProblemType::PreconditionFailed),
            UseCaseError::ImageRefused(fault) => image::refused(fault),
            UseCaseError::Busy => Self::new(ProblemType::Overloaded),
            UseCaseError::AvatarsUnavailable(cause) => {
                tracing::warn!(error = %chain(&cause), "avatars cannot be kept or removed");
                Self::new(ProblemType::AvatarsUnavailable)
            }
            UseCaseError::RenderingFailed(cause) => {
                tracing::error!(error = %chain(&*cause), "pictures could not be made");
                Self::new(ProblemType::Internal)
            }
            UseCaseError::InvalidCursor(why) => Self::cursor("cursor", why),
            UseCaseError::Invalid(member, fault) => {
                Self::members(vec![FieldError::member(member, fault)])
            }
            UseCaseError::KeyReused => Self::new(ProblemType::IdempotencyKeyReused),
            UseCaseError::KeyInFlight => Self::new(ProblemType::RequestInProgress),
            UseCaseError::Unavailable(cause) => {
                tracing::warn!(error = %chain(&cause), "the store cannot serve");
                Self::new(ProblemType::Unavailable)
            }
            UseCaseError::Internal(cause) => {
                tracing::error!(error = %chain(&cause), "the store failed");
                Self::new(ProblemType::Internal)
            }
        }
    }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
}
