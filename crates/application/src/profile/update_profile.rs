//! Changes a profile.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::preferences::Preferences;
use user_service_domain::profile::{Profile, ProfileKey, ProfilePatch};
use user_service_domain::revocation::{NewFeedEntry, Revocation};
use user_service_domain::store::Store;

use super::ProfileView;
use crate::UseCaseError;
use crate::authz::{self, Projection};
use crate::retry::retrying;
use crate::revision::IfMatch;
use crate::revocation::Announcer;

/// Changes a profile.
pub struct UpdateProfile {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    announcer: Announcer,
}

impl UpdateProfile {
    /// Over this store, clock and announcer.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, announcer: Announcer) -> Self {
        Self {
            store,
            clock,
            announcer,
        }
    }

    /// Whether the caller may change this profile at all; asked where the request is faulty, so that a
    /// stranger learns nothing from the faults.
    pub async fn authorise(&self, caller: &Caller, key: ProfileKey) -> Result<(), UseCaseError> {
        authz::known(caller)?;
        let profile = self
            .store
            .profiles()
            .find(key)
            .await?
            .ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::UsersWrite)
    }

    /// The profile after the change. No concurrent change of other members is lost. Errors: `Forbidden`,
    /// `ProfileNotFound`, `PreconditionFailed`.
    #[tracing::instrument(name = "profile.update", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        patch: ProfilePatch,
        if_match: Option<IfMatch>,
    ) -> Result<ProfileView, UseCaseError> {
        authz::known(caller)?;
        let changes_account = patch.is_active.is_some();
        // What the change depends on besides the profile's version needs a lock, and so does whoever lost a race.
        let mut alone =
            !changes_account && (if_match.is_none() || matches!(key, ProfileKey::Id(_)));
        let view = retrying(|| {
            let change = Change {
                caller,
                key,
                patch: patch.clone(),
                if_match: if_match.as_ref(),
            };
            let alone = std::mem::take(&mut alone);
            async move {
                if alone {
                    self.attempt_alone(change).await
                } else {
                    self.attempt(change).await
                }
            }
        })
        .await?;
        if changes_account {
            self.announcer.changed(view.profile.user_id).await;
        }
        Ok(view)
    }

    /// A read and a write that holds only where nobody was faster: half as many round trips as with a lock.
    async fn attempt_alone(&self, change: Change<'_>) -> Result<ProfileView, UseCaseError> {
        let profiles = self.store.profiles();
        let (found, preferences) = match change.key {
            ProfileKey::Id(_) => (profiles.find(change.key).await?, None),
            ProfileKey::User(_) => match profiles.find_account(change.key).await? {
                Some(account) => (Some(account.profile), Some(account.preferences)),
                None => return self.attempt(change).await,
            },
        };
        let found = found.ok_or(UseCaseError::ProfileNotFound)?;
        match change.of(found, preferences, self.clock.now())? {
            Outcome::Same(view) => Ok(*view),
            Outcome::Changed(before, after) => {
                self.store
                    .replace_profile(&before.profile, &after.profile)
                    .await?;
                Ok(*after)
            }
        }
    }

    async fn attempt(&self, change: Change<'_>) -> Result<ProfileView, UseCaseError> {
        let mut uow = self.store.begin().await?;
        let found = uow.profiles().find_for_update(change.key).await?;
        let found = found.ok_or(UseCaseError::ProfileNotFound)?;
        // `/users/me` shows preferences, so they are part of what its validator names.
        let preferences = match change.key {
            ProfileKey::Id(_) => None,
            ProfileKey::User(_) => uow.preferences().find_for_update(found.id).await?,
        };
        let now = self.clock.now();
        let (before, after) = match change.of(found, preferences, now)? {
            Outcome::Same(view) => return Ok(*view),
            Outcome::Changed(before, after) => (before, after),
        };
        let profile = &after.profile;
        uow.profiles().update(profile).await?;
        if profile.is_active != before.profile.is_active {
            let revocation = if profile.is_active {
                Revocation::AccountReactivated
            } else {
                Revocation::AccountDeactivated
            };
            let entry = NewFeedEntry {
                user_id: profile.user_id,
                at: now,
                revocation,
            };
            uow.revocations().append(&[entry]).await?;
        }
        uow.commit().await?;
        Ok(*after)
    }
}

/// What is to be changed, and by whom.
struct Change<'c> {
    caller: &'c Caller,
    key: ProfileKey,
    patch: ProfilePatch,
    if_match: Option<&'c IfMatch>,
}

/// What became of it.
enum Outcome {
    /// Nothing would change.
    Same(Box<ProfileView>),
    /// Before and after.
    Changed(Box<ProfileView>, Box<ProfileView>),
}

impl Change<'_> {
    /// Applied to what was found, where the caller may and the precondition holds.
    fn of(
        self,
        found: Profile,
        preferences: Option<Preferences>,
        now: DateTime<Utc>,
    ) -> Result<Outcome, UseCaseError> {
        let caller = self.caller;
        authz::admit(caller, &found, Scope::UsersWrite)?;
        if self.patch.changes_standing() {
            authz::admit_standing(caller)?;
        }
        let view = |profile: Profile, preferences| {
            let projection = authz::sight(caller, &profile).unwrap_or(Projection::Public);
            Box::new(ProfileView::new(profile, projection, preferences))
        };
        let mut profile = found.clone();
        let before = view(found, preferences.clone());
        IfMatch::check(self.if_match, &before.revision)?;
        Ok(if self.patch.apply(&mut profile, now) {
            Outcome::Changed(before, view(profile, preferences))
        } else {
            Outcome::Same(before)
        })
    }
}
