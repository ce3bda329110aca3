//! Valid values, different for each number and the same in each run.

use chrono::{DateTime, TimeDelta, Utc};
use user_service_domain::ids::{PreferencesId, ProfileId, UserId};
use user_service_domain::preferences::Preferences;
use user_service_domain::profile::{Account, DisplayName, Profile};

use crate::ids::nth;

/// The moment from which builders and clocks count: 2026-01-01T00:00:00Z.
pub(crate) fn epoch() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

/// The profile of "Person `n`", made `n` seconds into 2026: active, not verified, nothing optional set.
pub fn profile(n: u32) -> Profile {
    let now = epoch() + TimeDelta::seconds(n.into());
    Profile {
        id: ProfileId::new(nth(1, n.into())),
        user_id: UserId::new(nth(2, n.into())),
        display_name: DisplayName::parse(&format!("Person {n}")).unwrap(),
        bio: None,
        avatar: None,
        avatar_url: None,
        location: None,
        website: None,
        phone_number: None,
        is_verified: false,
        is_active: true,
        version: 1,
        created_at: now,
        updated_at: now,
        last_login_at: None,
    }
}

/// [`profile`] of `n` with the default preferences.
pub fn account(n: u32) -> Account {
    let profile = profile(n);
    let id = PreferencesId::new(nth(3, n.into()));
    let preferences = Preferences::defaults(id, profile.id, profile.created_at);
    Account {
        profile,
        preferences,
    }
}
