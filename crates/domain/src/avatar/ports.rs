//! What makes pictures, and where they are kept.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{AvatarDigest, Focus, ImageFault, Picture, PictureFormat, Thumbhash, Variant};
use crate::ids::{AvatarId, ProfileId};
use crate::store::{Source, StoreError};

/// What an upload became.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// One for each size, as WebP and as [`Rendered::fallback`].
    pub pictures: Vec<Picture>,
    /// Of them all.
    pub digest: AvatarDigest,
    /// [`PictureFormat::Jpeg`] for an opaque picture, else [`PictureFormat::Png`].
    pub fallback: PictureFormat,
    /// A first impression.
    pub thumbhash: Thumbhash,
}

/// Why no pictures were made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The upload is at fault.
    #[error("the picture is refused")]
    Refused(#[from] ImageFault),
    /// Too many others are waiting: later it may do.
    #[error("too many pictures are being made")]
    Busy,
    /// A bug.
    #[error("the pictures could not be made")]
    Internal(#[source] Source),
}

/// Makes the pictures of an avatar from whatever somebody sent.
#[async_trait]
pub trait AvatarRenderer: Send + Sync {
    /// Decodes the upload (its first frame where it is animated), turns it the way its metadata say, converts it
    /// to sRGB, cuts a square around the focus, and writes it in every size. MUST tell the type from the bytes
    /// alone, MUST refuse by the declared dimensions before it decodes, MUST bound memory and time, MUST NOT
    /// hold up the async threads, and MUST NOT carry over any metadata. The same upload and focus give the
    /// same bytes.
    async fn render(&self, upload: Vec<u8>, focus: Focus) -> Result<Rendered, RenderError>;
}

/// The pictures could not be kept, read or removed: the store of avatars is away, or said what makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("the store of avatars is unavailable")]
pub struct AvatarStoreError(#[source] pub Source);

/// Keeps the files of avatars, each avatar's under its own id. What is under an id never changes.
#[async_trait]
pub trait AvatarStore: Send + Sync {
    /// Keeps all these pictures under a new id. Once this returned they survive a crash. After an error some may
    /// be there, and a repetition with the same pictures MUST succeed and MUST NOT keep anything twice.
    async fn put(&self, id: AvatarId, pictures: &[Picture]) -> Result<(), AvatarStoreError>;

    /// The whole file, byte for byte. Absent is `None`; what is kept in part is absent, too.
    async fn get(
        &self,
        id: AvatarId,
        variant: Variant,
    ) -> Result<Option<Vec<u8>>, AvatarStoreError>;

    /// Removes everything under the id. Nothing there is no error.
    async fn delete(&self, id: AvatarId) -> Result<(), AvatarStoreError>;

    /// The ids under which there is anything, ascending, past `after`, at most `limit` of them; fewer only at
    /// the end. MUST skip what was not put there by this service.
    async fn list(
        &self,
        after: Option<AvatarId>,
        limit: usize,
    ) -> Result<Vec<AvatarId>, AvatarStoreError>;
}

/// Under what an avatar is known to those who know neither the profile nor its id: the SHA-256 of the person's
/// lower-cased, trimmed e-mail address, or of their user id (Libravatar).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AvatarAlias(pub [u8; 32]);

/// Which files belong to nobody, within a unit of work. An id is noted before its files come to be, and again
/// before they are to go, so that a crash leaves no file that nobody knows of.
#[async_trait]
pub trait AvatarLedger: Send {
    /// Notes that the files of this id are nobody's from `due` on. Noting it again moves the date.
    async fn note(&mut self, id: AvatarId, due: DateTime<Utc>) -> Result<(), StoreError>;

    /// Takes the note away, because a profile is about to point at the files. Answers whether there was one
    /// that is due after `now`; otherwise the files may be gone, nothing is changed, and the profile MUST NOT point at them.
    async fn claim(&mut self, id: AvatarId, now: DateTime<Utc>) -> Result<bool, StoreError>;

    /// The ids that were due by `now`, the longest due first, at most `limit`.
    async fn due(&mut self, now: DateTime<Utc>, limit: u32) -> Result<Vec<AvatarId>, StoreError>;

    /// Takes the notes of these away: their files are gone.
    async fn settle(&mut self, ids: &[AvatarId]) -> Result<(), StoreError>;

    /// Those of these ids that no profile points at and that nothing is noted about.
    async fn unknown(&mut self, ids: &[AvatarId]) -> Result<Vec<AvatarId>, StoreError>;

    /// Makes the profile known under these aliases and no others. One that another profile had is taken over.
    async fn set_aliases(
        &mut self,
        of: ProfileId,
        aliases: &[AvatarAlias],
    ) -> Result<(), StoreError>;
}
