//! Changes on a copy, swapped in at the end.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::OwnedMutexGuard;
use user_service_domain::avatar::{AvatarAlias, AvatarLedger};
use user_service_domain::bulk::Accounts;
use user_service_domain::idempotency::{IdempotencyKeys, KeyDigest, KeyRecord, StoredResponse};
use user_service_domain::ids::{AvatarId, ProfileId, SessionId};
use user_service_domain::preferences::{Preferences, StoredPreferences};
use user_service_domain::profile::{Profile, ProfileKey, Profiles, SearchIndex};
use user_service_domain::revocation::{NewFeedEntry, RevocationLog};
use user_service_domain::session::{
    AddressWalk, EndReason, Ended, Flush, Login, Session, SessionUpkeep, Sessions, TokenDigest,
    Touch,
};
use user_service_domain::store::{StoreError, UnitOfWork};

use super::MemoryStore;
use super::state::State;

pub(super) struct MemoryUnitOfWork {
    store: MemoryStore,
    copy: State,
    spent: bool,
    /// Last, so that the next one begins when all else is gone.
    _turn: OwnedMutexGuard<()>,
}

impl MemoryUnitOfWork {
    pub(super) fn begin(store: MemoryStore, turn: OwnedMutexGuard<()>) -> Self {
        let copy = store.committed().clone();
        Self {
            store,
            copy,
            spent: false,
            _turn: turn,
        }
    }

    /// Does one thing to the copy, unless a thing before it failed.
    pub(super) fn step<T>(
        &mut self,
        act: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.spent {
            return Err(spent());
        }
        let result = act(&mut self.copy);
        self.spent = result.is_err();
        result
    }
}

fn spent() -> StoreError {
    StoreError::Internal("the unit of work is spent".into())
}

#[async_trait]
impl UnitOfWork for MemoryUnitOfWork {
    fn profiles(&mut self) -> &mut dyn Profiles {
        self
    }

    fn accounts(&mut self) -> &mut dyn Accounts {
        self
    }

    fn search_index(&mut self) -> &mut dyn SearchIndex {
        self
    }

    fn preferences(&mut self) -> &mut dyn StoredPreferences {
        self
    }

    fn idempotency_keys(&mut self) -> &mut dyn IdempotencyKeys {
        self
    }

    fn sessions(&mut self) -> &mut dyn Sessions {
        self
    }

    fn session_upkeep(&mut self) -> &mut dyn SessionUpkeep {
        self
    }

    fn revocations(&mut self) -> &mut dyn RevocationLog {
        self
    }

    fn avatars(&mut self) -> &mut dyn AvatarLedger {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.spent {
            return Err(spent());
        }
        self.store.faults.strike()?;
        *self.store.committed() = self.copy;
        Ok(())
    }
}

#[async_trait]
impl Profiles for MemoryUnitOfWork {
    async fn find_for_update(&mut self, key: ProfileKey) -> Result<Option<Profile>, StoreError> {
        self.step(|state| Ok(state.find(key)))
    }

    async fn insert(&mut self, profile: &Profile) -> Result<(), StoreError> {
        self.step(|state| state.insert_profile(profile))
    }

    async fn update(&mut self, profile: &Profile) -> Result<(), StoreError> {
        self.step(|state| state.update_profile(profile))
    }

    async fn delete(&mut self, id: ProfileId) -> Result<bool, StoreError> {
        self.step(|state| Ok(state.delete_profile(id)))
    }
}

#[async_trait]
impl StoredPreferences for MemoryUnitOfWork {
    async fn find_for_update(&mut self, of: ProfileId) -> Result<Option<Preferences>, StoreError> {
        self.step(|state| Ok(state.preferences.get(&of).cloned()))
    }

    async fn insert(&mut self, preferences: &Preferences) -> Result<(), StoreError> {
        self.step(|state| state.insert_preferences(preferences))
    }

    async fn update(&mut self, preferences: &Preferences) -> Result<(), StoreError> {
        self.step(|state| state.update_preferences(preferences))
    }
}

#[async_trait]
impl IdempotencyKeys for MemoryUnitOfWork {
    async fn find_for_update(&mut self, key: KeyDigest) -> Result<Option<KeyRecord>, StoreError> {
        self.step(|state| Ok(state.find_key(key)))
    }

    async fn insert(&mut self, record: &KeyRecord) -> Result<(), StoreError> {
        self.step(|state| state.insert_key(record))
    }

    async fn complete(
        &mut self,
        key: KeyDigest,
        profile: ProfileId,
        response: &StoredResponse,
    ) -> Result<(), StoreError> {
        self.step(|state| state.complete_key(key, profile, response))
    }

    async fn delete(&mut self, key: KeyDigest) -> Result<(), StoreError> {
        self.step(|state| {
            state.delete_key(key);
            Ok(())
        })
    }

    async fn prune(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        self.step(|state| Ok(state.prune_keys(now, limit)))
    }
}

#[async_trait]
impl Sessions for MemoryUnitOfWork {
    async fn find_by_token(
        &mut self,
        of: ProfileId,
        token: TokenDigest,
    ) -> Result<Option<Session>, StoreError> {
        self.step(|state| Ok(state.find_by_token(of, token)))
    }

    async fn find(&mut self, of: ProfileId, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.step(|state| Ok(state.find_session(of, id)))
    }

    async fn active(
        &mut self,
        of: ProfileId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StoreError> {
        self.step(|state| Ok(state.active_sessions(of, now)))
    }

    async fn renewable(
        &mut self,
        of: ProfileId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StoreError> {
        self.step(|state| Ok(state.renewable_sessions(of, now)))
    }

    async fn insert(&mut self, session: &Session) -> Result<(), StoreError> {
        self.step(|state| state.insert_session(session))
    }

    async fn update(&mut self, session: &Session) -> Result<(), StoreError> {
        self.step(|state| state.update_session(session))
    }

    async fn end(
        &mut self,
        of: ProfileId,
        ids: &[SessionId],
        at: DateTime<Utc>,
        reason: EndReason,
    ) -> Result<u64, StoreError> {
        self.step(|state| Ok(state.end_sessions(of, ids, Ended { at, reason })))
    }
}

#[async_trait]
impl SessionUpkeep for MemoryUnitOfWork {
    async fn touch(&mut self, touches: &[Touch], flush: Flush) -> Result<u64, StoreError> {
        self.step(|state| Ok(state.touch_sessions(touches, flush)))
    }

    async fn log_in(&mut self, logins: &[Login]) -> Result<(), StoreError> {
        self.step(|state| {
            state.log_in(logins);
            Ok(())
        })
    }

    async fn expire(&mut self, now: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        self.step(|state| Ok(state.expire_sessions(now, limit)))
    }

    async fn prune(&mut self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        self.step(|state| Ok(state.prune_sessions(before, limit)))
    }

    async fn drop_addresses(
        &mut self,
        before: DateTime<Utc>,
        from: Option<(DateTime<Utc>, SessionId)>,
        limit: u32,
    ) -> Result<AddressWalk, StoreError> {
        self.step(|state| Ok(state.drop_addresses(before, from, limit)))
    }
}

#[async_trait]
impl RevocationLog for MemoryUnitOfWork {
    async fn append(&mut self, entries: &[NewFeedEntry]) -> Result<(), StoreError> {
        self.step(|state| {
            state.append(entries);
            Ok(())
        })
    }

    async fn prune(&mut self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        self.step(|state| Ok(state.prune_revocations(before, limit)))
    }
}

#[async_trait]
impl AvatarLedger for MemoryUnitOfWork {
    async fn note(&mut self, id: AvatarId, due: DateTime<Utc>) -> Result<(), StoreError> {
        self.step(|state| {
            state.avatar_files.insert(id, due);
            Ok(())
        })
    }

    async fn claim(&mut self, id: AvatarId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.step(|state| Ok(state.claim_avatar(id, now)))
    }

    async fn due(&mut self, now: DateTime<Utc>, limit: u32) -> Result<Vec<AvatarId>, StoreError> {
        self.step(|state| Ok(state.due_avatars(now, limit)))
    }

    async fn settle(&mut self, ids: &[AvatarId]) -> Result<(), StoreError> {
        self.step(|state| {
            state.avatar_files.retain(|id, _| !ids.contains(id));
            Ok(())
        })
    }

    async fn unknown(&mut self, ids: &[AvatarId]) -> Result<Vec<AvatarId>, StoreError> {
        self.step(|state| Ok(state.unknown_avatars(ids)))
    }

    async fn set_aliases(
        &mut self,
        of: ProfileId,
        aliases: &[AvatarAlias],
    ) -> Result<(), StoreError> {
        self.step(|state| state.set_aliases(of, aliases))
    }
}
