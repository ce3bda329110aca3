//! The profile and what may change in it.

use chrono::{DateTime, Utc};

use super::{Bio, DisplayName, Location, PhoneNumber, Website};
use crate::avatar::Avatar;
use crate::ids::{ProfileId, UserId};
use crate::preferences::Preferences;
use crate::text::fold;

/// A person's profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The key that paths use.
    pub id: ProfileId,
    /// The person in the Auth Service; one profile each.
    pub user_id: UserId,
    /// The name that others see.
    pub display_name: DisplayName,
    /// A few lines about oneself.
    pub bio: Option<Bio>,
    /// The pictures; set by the avatar routes alone.
    pub avatar: Option<Avatar>,
    /// Where a picture is that is kept elsewhere; what a former service left. It goes with the first avatar.
    pub avatar_url: Option<String>,
    /// Where the person is.
    pub location: Option<Location>,
    /// The person's site.
    pub website: Option<Website>,
    /// Seen only by the person, administrators and services that may read it.
    pub phone_number: Option<PhoneNumber>,
    /// Whether somebody vouched for the person.
    pub is_verified: bool,
    /// Whether the account may be used; an inactive profile is hidden from strangers.
    pub is_active: bool,
    /// Counts changes of this row, from 1; guards against lost updates.
    pub version: i64,
    /// When the profile came to be.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When the person was last seen to sign in; kept apart from the row, for it moves often.
    pub last_login_at: Option<DateTime<Utc>>,
}

impl Profile {
    /// The longest sort key, in characters.
    pub const NAME_KEY_MAX: usize = 100;

    /// The key by which names are put in order: folded, cut to [`Self::NAME_KEY_MAX`] characters,
    /// compared byte by byte.
    pub fn name_key(&self) -> String {
        fold(self.display_name.as_str())
            .chars()
            .take(Self::NAME_KEY_MAX)
            .collect()
    }

    /// What a search looks in: the folded name and location, a line each.
    pub fn search_text(&self) -> String {
        let mut text = fold(self.display_name.as_str());
        if let Some(location) = &self.location {
            text.push('\n');
            text.push_str(&fold(location.as_str()));
        }
        text
    }
}

/// A profile with its preferences.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The profile.
    pub profile: Profile,
    /// Its preferences.
    pub preferences: Preferences,
}

/// A change of a profile (RFC 7396): `None` leaves a member as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProfilePatch {
    /// The new name.
    pub display_name: Option<DisplayName>,
    /// The new bio.
    pub bio: Option<Option<Bio>>,
    /// The new location.
    pub location: Option<Option<Location>>,
    /// The new website.
    pub website: Option<Option<Website>>,
    /// The new telephone number.
    pub phone_number: Option<Option<PhoneNumber>>,
    /// Whether somebody vouches for the person.
    pub is_verified: Option<bool>,
    /// Whether the account may be used.
    pub is_active: Option<bool>,
}

impl ProfilePatch {
    /// Whether the patch touches what a person may not decide about themselves.
    pub fn changes_standing(&self) -> bool {
        self.is_verified.is_some() || self.is_active.is_some()
    }

    /// Whether nothing follows from the change: the patch leaves alone what a profile is searched by, and whether the
    /// account may be used.
    pub fn is_plain(&self) -> bool {
        self.display_name.is_none() && self.location.is_none() && self.is_active.is_none()
    }

    /// Applies the patch. Answers whether anything changed; `version` and `updated_at` move only then.
    pub fn apply(&self, profile: &mut Profile, now: DateTime<Utc>) -> bool {
        fn set<T: PartialEq + Clone>(changed: &mut bool, slot: &mut T, value: Option<&T>) {
            if let Some(value) = value
                && slot != value
            {
                slot.clone_from(value);
                *changed = true;
            }
        }
        let mut changed = false;
        set(
            &mut changed,
            &mut profile.display_name,
            self.display_name.as_ref(),
        );
        set(&mut changed, &mut profile.bio, self.bio.as_ref());
        set(&mut changed, &mut profile.location, self.location.as_ref());
        set(&mut changed, &mut profile.website, self.website.as_ref());
        set(
            &mut changed,
            &mut profile.phone_number,
            self.phone_number.as_ref(),
        );
        set(
            &mut changed,
            &mut profile.is_verified,
            self.is_verified.as_ref(),
        );
        set(
            &mut changed,
            &mut profile.is_active,
            self.is_active.as_ref(),
        );
        if changed {
            profile.version += 1;
            profile.updated_at = now.max(profile.updated_at);
        }
        changed
    }
}
