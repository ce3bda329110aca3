//! Takes users in, a batch at a time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use user_service_domain::bulk::{AccountChange, UserRecord};
use user_service_domain::clock::Clock;
use user_service_domain::identity::Caller;
use user_service_domain::ids::{AvatarId, IdGenerator, UserId};
use user_service_domain::revocation::{NewFeedEntry, Revocation};
use user_service_domain::store::{Constraint, Store, StoreError, UnitOfWork};

use super::plan::{Found, Outcome, Plan, plan};
use crate::UseCaseError;
use crate::authz;
use crate::retry::retrying;
use crate::revocation::Announcer;

/// What an id means that is not the one that the user has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdRule {
    /// The record is rejected.
    #[default]
    Exact,
    /// The user keeps their own.
    WhereNew,
}

/// How a batch is taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Nothing is kept.
    pub dry_run: bool,
    /// What other ids mean.
    pub ids: IdRule,
}

/// Takes users in: who is there is changed, who is not is made.
pub struct ImportUsers {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    announcer: Option<Announcer>,
}

impl ImportUsers {
    /// How many records are best taken in at once.
    pub const BATCH: usize = 512;

    /// Over these ports. Without an announcer, replicas learn from the feed alone who is no longer active.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        announcer: Option<Announcer>,
    ) -> Self {
        Self {
            store,
            clock,
            ids,
            announcer,
        }
    }

    /// Whether the caller may take users in. Errors: `Unauthenticated`, `Forbidden`.
    pub fn authorise(&self, caller: &Caller) -> Result<(), UseCaseError> {
        authz::admit_import(caller)
    }

    /// What became of each record, in their order. All is one unit of work: an error means that nothing was kept. Errors:
    /// `Unavailable`.
    #[tracing::instrument(name = "users.import", skip_all)]
    pub async fn execute(
        &self,
        records: &[UserRecord],
        how: How,
    ) -> Result<Vec<Outcome>, UseCaseError> {
        let (outcomes, changed) = retrying(|| self.attempt(records, how)).await?;
        if let Some(announcer) = &self.announcer {
            for user in changed {
                announcer.changed(user).await;
            }
        }
        Ok(outcomes)
    }

    /// The outcomes, and whose accounts came to be or changed their standing.
    async fn attempt(
        &self,
        records: &[UserRecord],
        how: How,
    ) -> Result<(Vec<Outcome>, Vec<UserId>), UseCaseError> {
        let mut uow = self.store.begin().await?;
        let found = find(&mut *uow, records).await?;
        let now = self.clock.now();
        let plan = plan(records, found, how.ids, &*self.ids, now);
        if how.dry_run {
            return Ok((plan.outcomes, Vec::new()));
        }
        let changed = write(&mut *uow, &plan, now)
            .await
            .map_err(|error| match error {
                // Somebody was faster with the same user or id: another attempt finds it.
                StoreError::Conflict(
                    Constraint::ProfileUser
                    | Constraint::ProfileId
                    | Constraint::PreferencesId
                    | Constraint::PreferencesProfile,
                ) => StoreError::Stale,
                error => error,
            })?;
        uow.commit().await?;
        Ok((plan.outcomes, changed))
    }
}

async fn find(uow: &mut dyn UnitOfWork, records: &[UserRecord]) -> Result<Found, StoreError> {
    let users: Vec<UserId> = records.iter().map(|record| record.user_id).collect();
    let accounts = uow.accounts().find_for_update(&users).await?;
    let profiles: Vec<_> = records.iter().filter_map(|record| record.id).collect();
    let preferences = records
        .iter()
        .filter_map(|record| record.preferences.as_ref()?.id);
    let preferences: Vec<_> = preferences.collect();
    let taken = uow.accounts().taken(&profiles, &preferences).await?;
    let avatars = records
        .iter()
        .filter_map(|record| record.avatar.as_ref()?.as_ref());
    let avatars: Vec<AvatarId> = avatars.map(|avatar| avatar.id).collect();
    let free_avatars = if avatars.is_empty() {
        avatars
    } else {
        uow.avatars().unknown(&avatars).await?
    };
    Ok(Found {
        accounts,
        taken,
        free_avatars,
    })
}

async fn write(
    uow: &mut dyn UnitOfWork,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>, StoreError> {
    let mut changed: Vec<UserId> = plan.new.iter().map(|new| new.profile.user_id).collect();
    if !plan.new.is_empty() {
        uow.accounts().insert(&plan.new).await?;
    }
    if !plan.changed.is_empty() {
        uow.accounts().update(&plan.changed).await?;
    }
    let mut feed = Vec::new();
    for AccountChange { before, after } in &plan.changed {
        let (before, after) = (&before.profile, &after.profile);
        if let Some(old) = &before.avatar
            && after.avatar.as_ref().is_none_or(|new| new.id != old.id)
        {
            uow.avatars().note(old.id, now).await?;
        }
        if before.is_active != after.is_active {
            changed.push(after.user_id);
            feed.push(NewFeedEntry {
                user_id: after.user_id,
                at: now,
                revocation: if after.is_active {
                    Revocation::AccountReactivated
                } else {
                    Revocation::AccountDeactivated
                },
            });
        }
    }
    if !feed.is_empty() {
        uow.revocations().append(&feed).await?;
    }
    Ok(changed)
}
