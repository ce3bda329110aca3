//! Makes a profile.

use std::sync::Arc;

use user_service_domain::clock::Clock;
use user_service_domain::idempotency::{KeyDigest, StoredResponse};
use user_service_domain::identity::Caller;
use user_service_domain::ids::{IdGenerator, PreferencesId, ProfileId, UserId};
use user_service_domain::preferences::Preferences;
use user_service_domain::profile::{Bio, DisplayName, Location, PhoneNumber, Profile, Website};
use user_service_domain::store::Store;

use super::ProfileView;
use crate::UseCaseError;
use crate::authz::{self, Projection};
use crate::retry::retrying;
use crate::revocation::Announcer;

/// What a new profile holds.
#[derive(Clone, Debug, PartialEq)]
pub struct NewProfile {
    /// Whose; the caller's own where left out.
    pub user_id: Option<UserId>,
    /// The name that others see.
    pub display_name: DisplayName,
    /// A few lines.
    pub bio: Option<Bio>,
    /// Where the person is.
    pub location: Option<Location>,
    /// The person's site.
    pub website: Option<Website>,
    /// The person's number.
    pub phone_number: Option<PhoneNumber>,
    /// For administrators and services; `false` where left out.
    pub is_verified: Option<bool>,
    /// For administrators and services; `true` where left out.
    pub is_active: Option<bool>,
}

/// The idempotency key that a creation fulfils: its response is stored in the same unit of work, so
/// that the one is never kept without the other.
pub struct Receipt<'a> {
    /// The reserved key.
    pub key: KeyDigest,
    /// Writes the response down as it will be given.
    pub render: &'a (dyn Fn(&ProfileView) -> StoredResponse + Send + Sync),
}

/// Makes a profile with default preferences.
pub struct CreateProfile {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    announcer: Announcer,
}

impl CreateProfile {
    /// Over this store, clock, generator and announcer.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        announcer: Announcer,
    ) -> Self {
        Self {
            store,
            clock,
            ids,
            announcer,
        }
    }

    /// Whether the caller may make this profile, where even a faulty request names whose it is.
    pub fn authorise(&self, caller: &Caller, user_id: Option<UserId>) -> Result<(), UseCaseError> {
        let own = authz::known(caller)?.user_id;
        authz::admit_creation(caller, user_id.unwrap_or(own))
    }

    /// The new profile. Errors: `Forbidden`, `ProfileExists`.
    #[tracing::instrument(name = "profile.create", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        new: NewProfile,
        receipt: Option<Receipt<'_>>,
    ) -> Result<ProfileView, UseCaseError> {
        let own = authz::known(caller)?.user_id;
        let user_id = new.user_id.unwrap_or(own);
        authz::admit_creation(caller, user_id)?;
        if new.is_verified.is_some() || new.is_active.is_some() {
            authz::admit_standing(caller)?;
        }
        let now = self.clock.now();
        let profile = Profile {
            id: ProfileId::new(self.ids.next()),
            user_id,
            display_name: new.display_name,
            bio: new.bio,
            avatar: None,
            avatar_url: None,
            location: new.location,
            website: new.website,
            phone_number: new.phone_number,
            is_verified: new.is_verified.unwrap_or(false),
            is_active: new.is_active.unwrap_or(true),
            version: 1,
            created_at: now,
            updated_at: now,
            last_login_at: None,
        };
        let preferences =
            Preferences::defaults(PreferencesId::new(self.ids.next()), profile.id, now);
        let projection = authz::sight(caller, &profile).unwrap_or(Projection::Public);
        let view = ProfileView::new(profile, projection, None);
        self.store(&view, &preferences, receipt.as_ref()).await?;
        Ok(view)
    }

    /// Stores a profile and its preferences. From then on the person has sessions.
    pub(super) async fn store(
        &self,
        view: &ProfileView,
        preferences: &Preferences,
        receipt: Option<&Receipt<'_>>,
    ) -> Result<(), UseCaseError> {
        retrying(|| self.attempt(view, preferences, receipt)).await?;
        self.announcer.changed(view.profile.user_id).await;
        Ok(())
    }

    async fn attempt(
        &self,
        view: &ProfileView,
        preferences: &Preferences,
        receipt: Option<&Receipt<'_>>,
    ) -> Result<(), UseCaseError> {
        let mut uow = self.store.begin().await?;
        uow.profiles().insert(&view.profile).await?;
        uow.preferences().insert(preferences).await?;
        if let Some(receipt) = receipt {
            uow.idempotency_keys()
                .complete(receipt.key, view.profile.id, &(receipt.render)(view))
                .await?;
        }
        Ok(uow.commit().await?)
    }
}
