//! What the fake keeps, and the rules that hold in it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use user_service_domain::idempotency::{KeyDigest, KeyRecord, StoredResponse};
use user_service_domain::ids::{AvatarId, ProfileId, SessionId};
use user_service_domain::preferences::Preferences;
use user_service_domain::profile::{Profile, ProfileKey};
use user_service_domain::revocation::{FeedEntry, FeedPosition};
use user_service_domain::session::Session;
use user_service_domain::store::{Constraint, StoreError};

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) profiles: BTreeMap<ProfileId, Profile>,
    pub(super) preferences: BTreeMap<ProfileId, Preferences>,
    /// With the profile that the response tells of.
    keys: BTreeMap<[u8; 32], (KeyRecord, Option<ProfileId>)>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) revocations: BTreeMap<FeedPosition, FeedEntry>,
    /// Files that are nobody's, with the moment from which on.
    pub(super) avatar_files: BTreeMap<AvatarId, DateTime<Utc>>,
    pub(super) aliases: BTreeMap<[u8; 32], ProfileId>,
    /// Grows also when lines are forgotten.
    pub(super) last_position: FeedPosition,
}

/// How many things were done.
pub(super) fn count<T>(done: impl Iterator<Item = T>) -> u64 {
    done.fold(0, |count, _| count + 1)
}

impl State {
    pub(super) fn find(&self, key: ProfileKey) -> Option<Profile> {
        match key {
            ProfileKey::Id(id) => self.profiles.get(&id).cloned(),
            ProfileKey::User(user) => self.profiles.values().find(|p| p.user_id == user).cloned(),
        }
    }

    pub(super) fn insert_profile(&mut self, profile: &Profile) -> Result<(), StoreError> {
        if self.profiles.contains_key(&profile.id) {
            return Err(StoreError::Conflict(Constraint::ProfileId));
        }
        if self.find(ProfileKey::User(profile.user_id)).is_some() {
            return Err(StoreError::Conflict(Constraint::ProfileUser));
        }
        self.profiles.insert(profile.id, profile.clone());
        Ok(())
    }

    pub(super) fn update_profile(&mut self, profile: &Profile) -> Result<(), StoreError> {
        match self.profiles.get_mut(&profile.id) {
            Some(stored) if stored.version + 1 == profile.version => {
                let last_login_at = stored.last_login_at;
                *stored = Profile {
                    last_login_at,
                    ..profile.clone()
                };
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    pub(super) fn delete_profile(&mut self, id: ProfileId) -> bool {
        self.preferences.remove(&id);
        self.sessions.retain(|_, session| session.profile_id != id);
        self.keys.retain(|_, (_, profile)| *profile != Some(id));
        self.aliases.retain(|_, profile| *profile != id);
        self.profiles.remove(&id).is_some()
    }

    pub(super) fn insert_preferences(&mut self, new: &Preferences) -> Result<(), StoreError> {
        if !self.profiles.contains_key(&new.profile_id) {
            return Err(StoreError::Internal("preferences of nobody".into()));
        }
        if self.preferences.contains_key(&new.profile_id) {
            return Err(StoreError::Conflict(Constraint::PreferencesProfile));
        }
        self.preferences.insert(new.profile_id, new.clone());
        Ok(())
    }

    pub(super) fn update_preferences(&mut self, new: &Preferences) -> Result<(), StoreError> {
        match self.preferences.get_mut(&new.profile_id) {
            Some(stored) if stored.version + 1 == new.version => {
                *stored = new.clone();
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    pub(super) fn find_key(&self, key: KeyDigest) -> Option<KeyRecord> {
        self.keys.get(&key.0).map(|(record, _)| record.clone())
    }

    pub(super) fn insert_key(&mut self, record: &KeyRecord) -> Result<(), StoreError> {
        if self.keys.contains_key(&record.key.0) {
            return Err(StoreError::Conflict(Constraint::IdempotencyKey));
        }
        let record = KeyRecord {
            response: None,
            ..record.clone()
        };
        self.keys.insert(record.key.0, (record, None));
        Ok(())
    }

    pub(super) fn complete_key(
        &mut self,
        key: KeyDigest,
        profile: ProfileId,
        response: &StoredResponse,
    ) -> Result<(), StoreError> {
        let Some((record, of)) = self.keys.get_mut(&key.0) else {
            return Err(StoreError::Stale);
        };
        if !self.profiles.contains_key(&profile) {
            return Err(StoreError::Internal(
                "a response that tells of nobody".into(),
            ));
        }
        record.response = Some(response.clone());
        *of = Some(profile);
        Ok(())
    }

    pub(super) fn delete_key(&mut self, key: KeyDigest) {
        self.keys.remove(&key.0);
    }

    pub(super) fn prune_keys(&mut self, now: DateTime<Utc>, limit: u32) -> u64 {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let expired = self
            .keys
            .iter()
            .filter(|(_, (record, _))| record.expires_at < now);
        let expired: Vec<[u8; 32]> = expired.map(|(key, _)| *key).take(limit).collect();
        for key in &expired {
            self.keys.remove(key);
        }
        expired.len().try_into().unwrap_or(u64::MAX)
    }
}
