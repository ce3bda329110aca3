//! Many accounts at once.

use async_trait::async_trait;
use user_service_domain::bulk::{AccountChange, Accounts, StoredAccount, TakenIds};
use user_service_domain::ids::{PreferencesId, ProfileId, UserId};
use user_service_domain::preferences::Preferences;
use user_service_domain::profile::{Account, Profile, ProfileKey};
use user_service_domain::session::Session;
use user_service_domain::store::{Constraint, StoreError};

use super::state::State;
use super::unit_of_work::MemoryUnitOfWork;

impl State {
    pub(super) fn stored_account(&self, profile: &Profile) -> StoredAccount {
        StoredAccount {
            profile: profile.clone(),
            preferences: self.preferences.get(&profile.id).cloned(),
        }
    }

    fn has_preferences(&self, id: PreferencesId) -> bool {
        self.preferences.values().any(|stored| stored.id == id)
    }

    fn insert_account(&mut self, account: &Account) -> Result<(), StoreError> {
        self.insert_profile(&account.profile)?;
        if self.has_preferences(account.preferences.id) {
            return Err(StoreError::Conflict(Constraint::PreferencesId));
        }
        self.insert_preferences(&account.preferences)
    }

    fn replace_account(&mut self, change: &AccountChange) {
        let Account {
            profile,
            preferences,
        } = &change.after;
        self.profiles.insert(profile.id, profile.clone());
        self.preferences
            .insert(profile.id, Preferences::clone(preferences));
    }
}

#[async_trait]
impl Accounts for MemoryUnitOfWork {
    async fn find_for_update(&mut self, of: &[UserId]) -> Result<Vec<StoredAccount>, StoreError> {
        self.step(|state| {
            let found = state
                .profiles
                .values()
                .filter(|profile| of.contains(&profile.user_id));
            Ok(found.map(|profile| state.stored_account(profile)).collect())
        })
    }

    async fn taken(
        &mut self,
        profiles: &[ProfileId],
        preferences: &[PreferencesId],
    ) -> Result<TakenIds, StoreError> {
        self.step(|state| {
            let profiles = profiles.iter().copied();
            let preferences = preferences.iter().copied();
            Ok(TakenIds {
                profiles: profiles
                    .filter(|id| state.find(ProfileKey::Id(*id)).is_some())
                    .collect(),
                preferences: preferences
                    .filter(|id| state.has_preferences(*id))
                    .collect(),
            })
        })
    }

    async fn insert(&mut self, accounts: &[Account]) -> Result<(), StoreError> {
        self.step(|state| {
            accounts
                .iter()
                .try_for_each(|account| state.insert_account(account))
        })
    }

    async fn update(&mut self, changes: &[AccountChange]) -> Result<(), StoreError> {
        self.step(|state| {
            for change in changes {
                state.replace_account(change);
            }
            Ok(())
        })
    }

    async fn insert_sessions(&mut self, sessions: &[Session]) -> Result<u64, StoreError> {
        self.step(|state| {
            let mut stored = 0;
            for session in sessions {
                match state.insert_session(session) {
                    Ok(()) => stored += 1,
                    Err(StoreError::Conflict(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(stored)
        })
    }
}
