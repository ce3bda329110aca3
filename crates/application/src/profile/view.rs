//! A profile as one caller sees it.

use user_service_domain::preferences::Preferences;
use user_service_domain::profile::Profile;

use crate::authz::Projection;
use crate::revision::Revision;

/// A profile, how much of it may be shown, and the name of that state.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileView {
    /// The profile.
    pub profile: Profile,
    /// How much may be shown.
    pub projection: Projection,
    /// Shown under `/users/me` alone.
    pub preferences: Option<Preferences>,
    /// The validator of this representation.
    pub revision: Revision,
}

impl ProfileView {
    /// The view and its validator.
    pub fn new(profile: Profile, projection: Projection, preferences: Option<Preferences>) -> Self {
        let revision = Revision::of_profile(&profile, projection, preferences.as_ref());
        Self {
            profile,
            projection,
            preferences,
            revision,
        }
    }
}
