//! What a batch of records does to the accounts that are there, worked out before anything is written.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use user_service_domain::bulk::{AccountChange, MemberFault, StoredAccount, TakenIds, UserRecord};
use user_service_domain::fault::{Fault, FaultCode};
use user_service_domain::ids::{AvatarId, IdGenerator, PreferencesId, ProfileId, UserId};
use user_service_domain::profile::Account;

use super::IdRule;

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The user is new.
    Created,
    /// Something changed.
    Updated,
    /// All was so before.
    Unchanged,
    /// Nothing was done, for these faults.
    Rejected(Vec<MemberFault>),
}

/// What the store has of what a batch names.
pub(super) struct Found {
    pub(super) accounts: Vec<StoredAccount>,
    pub(super) taken: TakenIds,
    /// Avatars that a profile may point at anew.
    pub(super) free_avatars: Vec<AvatarId>,
}

/// What is to be written.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) new: Vec<Account>,
    pub(super) changed: Vec<AccountChange>,
    /// In the order of the records.
    pub(super) outcomes: Vec<Outcome>,
}

/// An account while the batch goes over it.
struct Standing {
    /// As it is stored; `None` where it is new.
    before: Option<StoredAccount>,
    now: StoredAccount,
}

/// Goes over the records in their order: a later one of the same user finds what an earlier one did.
pub(super) fn plan(
    records: &[UserRecord],
    found: Found,
    rule: IdRule,
    ids: &dyn IdGenerator,
    now: DateTime<Utc>,
) -> Plan {
    let mut batch = Batch {
        rule,
        taken_profiles: found.taken.profiles.into_iter().collect(),
        taken_preferences: found.taken.preferences.into_iter().collect(),
        free_avatars: found.free_avatars.into_iter().collect(),
        accounts: HashMap::with_capacity(records.len()),
        order: Vec::new(),
    };
    for stored in found.accounts {
        let user = stored.profile.user_id;
        let now = stored.clone();
        let before = Some(stored);
        batch.order.push(user);
        batch.accounts.insert(user, Standing { before, now });
    }
    let outcomes = records.iter().map(|record| batch.take(record, ids, now));
    let outcomes = outcomes.collect();
    batch.finish(outcomes)
}

struct Batch {
    rule: IdRule,
    taken_profiles: HashSet<ProfileId>,
    taken_preferences: HashSet<PreferencesId>,
    free_avatars: HashSet<AvatarId>,
    accounts: HashMap<UserId, Standing>,
    /// So that what is written does not depend on how a map is ordered.
    order: Vec<UserId>,
}

impl Batch {
    fn take(&mut self, record: &UserRecord, ids: &dyn IdGenerator, now: DateTime<Utc>) -> Outcome {
        let current = self
            .accounts
            .get(&record.user_id)
            .map(|standing| &standing.now);
        let mut faults = self.faults(record, current);
        let (outcome, account) = match current {
            Some(stored) => {
                let after = StoredAccount::from(record.change(stored, ids, now));
                let outcome = if after == *stored {
                    Outcome::Unchanged
                } else {
                    Outcome::Updated
                };
                (outcome, Some(after))
            }
            None => match record.create(ids, now) {
                Ok(account) => (Outcome::Created, Some(StoredAccount::from(account))),
                Err(fault) => {
                    faults.push(fault);
                    (Outcome::Unchanged, None)
                }
            },
        };
        let Some(account) = account.filter(|_| faults.is_empty()) else {
            return Outcome::Rejected(faults);
        };
        self.taken_profiles.insert(account.profile.id);
        self.taken_preferences
            .extend(account.preferences.as_ref().map(|p| p.id));
        if let Some(avatar) = &account.profile.avatar {
            self.free_avatars.remove(&avatar.id);
        }
        if let Some(standing) = self.accounts.get_mut(&record.user_id) {
            standing.now = account;
        } else {
            self.order.push(record.user_id);
            let standing = Standing {
                before: None,
                now: account,
            };
            self.accounts.insert(record.user_id, standing);
        }
        outcome
    }

    /// What only shows with what is there.
    fn faults(&self, record: &UserRecord, current: Option<&StoredAccount>) -> Vec<MemberFault> {
        let mut faults = Vec::new();
        let mut refuse = |pointer: &str, code: FaultCode, message: &str| {
            faults.push(MemberFault::new(pointer, Fault::new(code, message)));
        };
        let other = "is not the id that the user has";
        let exact = self.rule == IdRule::Exact;
        match (record.id, current) {
            (Some(id), Some(stored)) if id != stored.profile.id && exact => {
                refuse("/id", FaultCode::OtherId, other);
            }
            (Some(id), None) if self.taken_profiles.contains(&id) => {
                refuse("/id", FaultCode::IdTaken, "is the id of another user");
            }
            _ => {}
        }
        let preferences = record.preferences.as_ref().and_then(|said| said.id);
        match (
            preferences,
            current.and_then(|stored| stored.preferences.as_ref()),
        ) {
            (Some(id), Some(stored)) if id != stored.id && exact => {
                refuse("/preferences/id", FaultCode::OtherId, other);
            }
            (Some(id), None) if self.taken_preferences.contains(&id) => {
                refuse(
                    "/preferences/id",
                    FaultCode::IdTaken,
                    "is the id of another user's preferences",
                );
            }
            _ => {}
        }
        if let Some(Some(avatar)) = &record.avatar {
            let own = current.and_then(|stored| stored.profile.avatar.as_ref());
            if own.is_none_or(|own| own.id != avatar.id) && !self.free_avatars.contains(&avatar.id)
            {
                refuse(
                    "/avatar/id",
                    FaultCode::AvatarTaken,
                    "is of another user, or its files are about to go",
                );
            }
        }
        faults
    }

    fn finish(mut self, outcomes: Vec<Outcome>) -> Plan {
        let mut plan = Plan {
            outcomes,
            ..Plan::default()
        };
        for user in self.order {
            let Some(Standing { before, now }) = self.accounts.remove(&user) else {
                continue;
            };
            let StoredAccount {
                profile,
                preferences: Some(preferences),
            } = now.clone()
            else {
                continue;
            };
            let after = Account {
                profile,
                preferences,
            };
            match before {
                None => plan.new.push(after),
                Some(before) if before != now => plan.changed.push(AccountChange { before, after }),
                Some(_) => {}
            }
        }
        plan
    }
}
