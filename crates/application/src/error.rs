//! Why a use case did not do what it was asked.

use user_service_domain::avatar::{AvatarStoreError, ImageFault, RenderError};
use user_service_domain::fault::Fault;
use user_service_domain::store::{Constraint, Source, StoreError};

use crate::revision::Revision;

/// One enum for all use cases: they fail in the same few ways, and HTTP maps them once.
#[derive(Debug, thiserror::Error)]
pub enum UseCaseError {
    /// Nobody is known to be calling, and the resource is not open to everybody.
    #[error("a token is needed")]
    Unauthenticated,
    /// The caller is known and may not do this; the reason is for the caller.
    #[error("not permitted: {0}")]
    Forbidden(&'static str),
    /// The session of the caller's token is over.
    #[error("the session is over")]
    SessionEnded,
    /// The caller's account is not active, or was removed after the token was issued.
    #[error("the account is not active")]
    AccountEnded,
    /// There is no such profile, as far as this caller may know.
    #[error("no such profile")]
    ProfileNotFound,
    /// The profile has no such session.
    #[error("no such session")]
    SessionNotFound,
    /// A session of this token was ended before.
    #[error("the session was ended before")]
    SessionOver,
    /// The person has a profile.
    #[error("the person has a profile")]
    ProfileExists,
    /// `If-Match` named another state than the present one.
    #[error("the resource has changed")]
    PreconditionFailed(Revision),
    /// `If-Match` named none of the present avatar's pictures.
    #[error("the avatar has changed")]
    PictureChanged,
    /// What was sent is not a picture that can be taken.
    #[error("the picture is refused")]
    ImageRefused(#[source] ImageFault),
    /// Too many others are being served; the request may be repeated.
    #[error("too busy")]
    Busy,
    /// The store of avatars is away; the request may be repeated.
    #[error("avatars cannot be kept or removed now")]
    AvatarsUnavailable(#[from] AvatarStoreError),
    /// The pictures could not be made; a bug.
    #[error("the pictures could not be made")]
    RenderingFailed(#[source] Source),
    /// The cursor is none of ours, or of another list; the reason is for the caller.
    #[error("cursor refused: {0}")]
    InvalidCursor(&'static str),
    /// A member is at fault in a way that only shows with what is stored.
    #[error("invalid {0}: {1}")]
    Invalid(&'static str, Fault),
    /// The idempotency key came with another body before.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The first request with this idempotency key is under way.
    #[error("the idempotency key is in use")]
    KeyInFlight,
    /// The store is away or too busy; the request may be repeated.
    #[error("the store cannot serve now")]
    Unavailable(#[source] StoreError),
    /// A bug.
    #[error("internal error")]
    Internal(#[source] StoreError),
}

impl From<StoreError> for UseCaseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(Constraint::ProfileUser) => Self::ProfileExists,
            StoreError::Conflict(Constraint::IdempotencyKey) => Self::KeyInFlight,
            StoreError::Unavailable(_) if error.is_overload() => Self::Busy,
            StoreError::Stale | StoreError::Unavailable(_) => Self::Unavailable(error),
            StoreError::Conflict(
                Constraint::ProfileId
                | Constraint::PreferencesProfile
                | Constraint::PreferencesId
                | Constraint::SessionId
                | Constraint::SessionToken,
            )
            | StoreError::Internal(_) => Self::Internal(error),
        }
    }
}

impl From<RenderError> for UseCaseError {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Refused(fault) => Self::ImageRefused(fault),
            RenderError::Busy => Self::Busy,
            RenderError::Internal(cause) => Self::RenderingFailed(cause),
        }
    }
}
