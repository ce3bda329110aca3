//! Validators: opaque names of a representation's state (RFC 9110 section 8.8).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use user_service_domain::avatar::{Avatar, Variant};
use user_service_domain::preferences::Preferences;
use user_service_domain::profile::Profile;

use crate::authz::Projection;

/// The state of one representation; another state has another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision(String);

impl Revision {
    /// Of a profile as seen, with its preferences where the representation has them.
    pub fn of_profile(
        profile: &Profile,
        projection: Projection,
        preferences: Option<&Preferences>,
    ) -> Self {
        let mut hash = Sha256::new();
        hash.update(profile.id.get().as_bytes());
        hash.update(profile.version.to_be_bytes());
        match projection {
            Projection::Public => hash.update([0]),
            Projection::Full => {
                hash.update([1]);
                hash.update(
                    profile
                        .last_login_at
                        .map_or(i64::MIN, |t| t.timestamp_micros())
                        .to_be_bytes(),
                );
            }
        }
        if let Some(preferences) = preferences {
            hash.update(preferences.id.get().as_bytes());
            hash.update(preferences.version.to_be_bytes());
        }
        Self::finish(hash)
    }

    /// Of preferences.
    pub fn of_preferences(preferences: &Preferences) -> Self {
        let mut hash = Sha256::new();
        hash.update(preferences.id.get().as_bytes());
        hash.update(preferences.version.to_be_bytes());
        Self::finish(hash)
    }

    /// Of a picture: what the avatar is, byte for byte, and which of its pictures.
    pub fn of_picture(avatar: &Avatar, variant: Variant) -> Self {
        Self(format!("{}-{variant}", avatar.digest))
    }

    /// Whether a revision is that of any picture of this avatar.
    pub(crate) fn is_of_avatar(revision: &str, avatar: &Avatar) -> bool {
        Variant::all()
            .filter(|variant| avatar.has(*variant))
            .any(|variant| Self::of_picture(avatar, variant).as_str() == revision)
    }

    /// Of something drawn, as a whole file.
    pub fn of_drawing(file: &str) -> Self {
        Self::finish(Sha256::new_with_prefix(file))
    }

    fn finish(hash: Sha256) -> Self {
        let digest = hash.finalize();
        Self(URL_SAFE_NO_PAD.encode(digest.get(..15).unwrap_or_default()))
    }

    /// Without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What `If-Match` demands (RFC 9110 section 13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: that there is something.
    Any,
    /// One of these states; weak validators never match and are left out.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// Refuses unless the demand, if any, is met.
    pub fn check(demand: Option<&Self>, current: &Revision) -> Result<(), crate::UseCaseError> {
        match demand {
            Some(Self::OneOf(revisions)) if !revisions.iter().any(|r| r == current.as_str()) => {
                Err(crate::UseCaseError::PreconditionFailed(current.clone()))
            }
            None | Some(Self::Any | Self::OneOf(_)) => Ok(()),
        }
    }
}
