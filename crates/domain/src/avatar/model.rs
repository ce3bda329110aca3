//! The avatar.

use std::fmt;

use super::{PictureFormat, Variant};
use crate::ids::AvatarId;

/// The first half of the SHA-256 over all pictures of an avatar: what its versions and `ETag`s are made of. It
/// prints as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AvatarDigest(pub [u8; 16]);

impl fmt::Display for AvatarDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A picture of about twenty bytes to show while the real one loads: a `ThumbHash`
/// (<https://evanw.github.io/thumbhash/>) in base64 (RFC 4648 section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbhash(String);

impl Thumbhash {
    /// The longest, in characters.
    pub const MAX: usize = 36;

    /// Wraps the base64 of a hash.
    pub fn new(base64: String) -> Self {
        Self(base64)
    }

    /// The base64.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The pictures that a profile points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Avatar {
    /// Under which they are kept; a new one for every upload.
    pub id: AvatarId,
    /// What they are, byte for byte.
    pub digest: AvatarDigest,
    /// What clients get that do not name WebP.
    pub fallback: PictureFormat,
    /// A first impression.
    pub thumbhash: Thumbhash,
}

impl Avatar {
    /// Whether it was written as this picture.
    pub fn has(&self, variant: Variant) -> bool {
        variant.format == PictureFormat::Webp || variant.format == self.fallback
    }
}
