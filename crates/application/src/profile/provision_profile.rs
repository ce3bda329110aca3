//! Makes a person's profile when they first ask for it.

use std::sync::Arc;

use user_service_domain::clock::Clock;
use user_service_domain::identity::{AboutPerson, Principal};
use user_service_domain::ids::{IdGenerator, PreferencesId, ProfileId};
use user_service_domain::preferences::{Language, Preferences, TimeZone};
use user_service_domain::profile::{DisplayName, Profile};

use super::{CreateProfile, ProfileView};
use crate::UseCaseError;
use crate::authz::Projection;

/// The name of who has none that can be taken over.
const UNNAMED: &str = "New user";

/// Makes profiles from what tokens say of their bearers (`JIT_PROVISIONING`).
pub struct ProvisionProfile {
    create: Arc<CreateProfile>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl ProvisionProfile {
    /// Over the use case that stores them.
    pub fn new(
        create: Arc<CreateProfile>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
    ) -> Self {
        Self { create, clock, ids }
    }

    /// Makes the profile of this person, unless somebody was faster. A claim that cannot be taken over
    /// gives way to the default. Pictures are left alone.
    #[tracing::instrument(name = "profile.provision", skip_all)]
    pub async fn execute(&self, principal: &Principal) -> Result<(), UseCaseError> {
        let nothing = AboutPerson::default();
        let about = principal.about.as_deref().unwrap_or(&nothing);
        let now = self.clock.now();
        let profile = Profile {
            id: ProfileId::new(self.ids.next()),
            user_id: principal.user_id,
            display_name: display_name(about),
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
        };
        let id = PreferencesId::new(self.ids.next());
        let mut preferences = Preferences::defaults(id, profile.id, now);
        if let Some(Ok(language)) = about.locale.as_deref().map(language) {
            preferences.language = language;
        }
        if let Some(Ok(zone)) = about.zoneinfo.as_deref().map(TimeZone::parse) {
            preferences.timezone = zone;
        }
        let view = ProfileView::new(profile, Projection::Full, None);
        match self.create.store(&view, &preferences, None).await {
            Ok(()) | Err(UseCaseError::ProfileExists) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn display_name(about: &AboutPerson) -> DisplayName {
    about
        .name
        .as_deref()
        .and_then(|name| DisplayName::parse(name).ok())
        .unwrap_or_else(|| DisplayName::stored(UNNAMED.to_owned()))
}

/// Some providers write `en_US` (`OpenID` Connect Core 1.0 section 5.1).
fn language(locale: &str) -> Result<Language, user_service_domain::fault::Fault> {
    Language::parse(&locale.replace('_', "-"))
}
