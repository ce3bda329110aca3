//! Changes a profile.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::ids::ProfileId;
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
        let change = Change {
            caller,
            key,
            patch: &patch,
            if_match: if_match.as_ref(),
        };
        let mut way = change.way();
        // Whoever lost a race needs a lock.
        let view =
            retrying(|| self.attempt(change, std::mem::replace(&mut way, Way::Locked))).await?;
        if patch.is_active.is_some() {
            self.announcer.changed(view.profile.user_id).await;
        }
        Ok(view)
    }

    async fn attempt(&self, change: Change<'_>, way: Way) -> Result<ProfileView, UseCaseError> {
        match way {
            Way::AtOnce(id) => self.attempt_at_once(change, id).await,
            Way::Alone => self.attempt_alone(change).await,
            Way::Locked => self.attempt_locked(change).await,
        }
    }

    /// One call of the store. Where it changed nothing, what is stored tells why.
    async fn attempt_at_once(
        &self,
        change: Change<'_>,
        id: ProfileId,
    ) -> Result<ProfileView, UseCaseError> {
        let owner = authz::confined_to(authz::known(change.caller)?, Scope::UsersWrite);
        let now = self.clock.now();
        let changed = self.store.patch_profile(id, owner, change.patch, now);
        match changed.await? {
            Some(profile) => Ok(change.view(profile, None)),
            None => self.attempt_alone(change).await,
        }
    }

    /// A read and a write that holds only where nobody was faster: half as many round trips as with a lock.
    async fn attempt_alone(&self, change: Change<'_>) -> Result<ProfileView, UseCaseError> {
        let profiles = self.store.profiles();
        let (found, preferences) = match change.key {
            ProfileKey::Id(_) => (profiles.find(change.key).await?, None),
            ProfileKey::User(_) => match profiles.find_account(change.key).await? {
                Some(account) => (Some(account.profile), Some(account.preferences)),
                None => return self.attempt_locked(change).await,
            },
        };
        let found = found.ok_or(UseCaseError::ProfileNotFound)?;
        match change.of(found, preferences, self.clock.now())? {
            Outcome::Same(view) => Ok(*view),
            Outcome::Changed(before, after) => {
                self.store.replace_profile(&before, &after.profile).await?;
                Ok(*after)
            }
        }
    }

    async fn attempt_locked(&self, change: Change<'_>) -> Result<ProfileView, UseCaseError> {
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
        if profile.is_active != before.is_active {
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

/// How a change is tried.
enum Way {
    /// The store applies the patch to this profile by itself.
    AtOnce(ProfileId),
    /// Read, and written where nobody was faster.
    Alone,
    /// In a unit of work that keeps others away.
    Locked,
}

/// What is to be changed, and by whom.
#[derive(Clone, Copy)]
struct Change<'c> {
    caller: &'c Caller,
    key: ProfileKey,
    patch: &'c ProfilePatch,
    if_match: Option<&'c IfMatch>,
}

/// What became of it.
enum Outcome {
    /// Nothing would change.
    Same(Box<ProfileView>),
    /// Before and after.
    Changed(Box<Profile>, Box<ProfileView>),
}

impl Change<'_> {
    /// The cheapest way that may be tried first.
    fn way(&self) -> Way {
        // The line in the feed belongs to the change, and so does what else the precondition names.
        let alone = self.if_match.is_none() || matches!(self.key, ProfileKey::Id(_));
        if self.patch.is_active.is_some() || !alone {
            return Way::Locked;
        }
        let is_bound = matches!(self.if_match, Some(IfMatch::OneOf(_)));
        let may = !self.patch.changes_standing() || authz::admit_standing(self.caller).is_ok();
        match self.key {
            // Nothing but whose it is depends on what is stored.
            ProfileKey::Id(id) if self.patch.is_plain() && may && !is_bound => Way::AtOnce(id),
            ProfileKey::Id(_) | ProfileKey::User(_) => Way::Alone,
        }
    }

    /// Applied to what was found, where the caller may and the precondition holds.
    fn of(
        self,
        found: Profile,
        preferences: Option<Preferences>,
        now: DateTime<Utc>,
    ) -> Result<Outcome, UseCaseError> {
        authz::admit(self.caller, &found, Scope::UsersWrite)?;
        if self.patch.changes_standing() {
            authz::admit_standing(self.caller)?;
        }
        let mut after = found.clone();
        let changes = self.patch.apply(&mut after, now);
        if !changes || self.if_match.is_some() {
            let before = self.view(found.clone(), preferences.clone());
            IfMatch::check(self.if_match, &before.revision)?;
            if !changes {
                return Ok(Outcome::Same(Box::new(before)));
            }
        }
        let after = Box::new(self.view(after, preferences));
        Ok(Outcome::Changed(Box::new(found), after))
    }

    /// What the caller sees of this.
    fn view(&self, profile: Profile, preferences: Option<Preferences>) -> ProfileView {
        let projection = authz::sight(self.caller, &profile).unwrap_or(Projection::Public);
        ProfileView::new(profile, projection, preferences)
    }
}
