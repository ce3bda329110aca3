//! The rules of sessions, and their readers.

use std::cmp::Reverse;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use user_service_domain::ids::{ProfileId, SessionId, UserId};
use user_service_domain::profile::ProfileKey;
use user_service_domain::session::{
    Account, AddressWalk, EndReason, Ended, Flush, Login, Session, SessionFilter, SessionReader,
    SessionState, Standing, TokenDigest, Touch,
};
use user_service_domain::store::{Constraint, StoreError};

use super::MemoryStore;
use super::state::{State, count};

#[async_trait]
impl SessionReader for MemoryStore {
    async fn standing(
        &self,
        user_id: UserId,
        token: Option<TokenDigest>,
    ) -> Result<Standing, StoreError> {
        self.faults.strike()?;
        let state = self.committed();
        let profile = state.find(ProfileKey::User(user_id));
        let session = profile.as_ref().zip(token);
        Ok(Standing {
            session: session.and_then(|(profile, token)| state.find_by_token(profile.id, token)),
            removed_at: state.removed_at(user_id),
            account: profile.map_or(Account::None, |profile| Account::Present {
                profile_id: profile.id,
                is_active: profile.is_active,
            }),
        })
    }

    async fn list(
        &self,
        of: ProfileId,
        filter: SessionFilter,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        self.faults.strike()?;
        let state = self.committed();
        let mut rows = state.sessions_of(of, |session| match filter {
            SessionFilter::Active => session.state(now) == SessionState::Active,
            SessionFilter::Ended => session.state(now) != SessionState::Active,
            SessionFilter::All => true,
        });
        rows.sort_by_key(|session| Reverse((session.last_activity_at, session.id)));
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(rows)
    }

    async fn count_active(&self, now: DateTime<Utc>, most: u32) -> Result<u64, StoreError> {
        self.faults.strike()?;
        let state = self.committed();
        let sessions = state.sessions.values();
        let active = sessions.filter(|session| session.state(now) == SessionState::Active);
        Ok(count(
            active.take(usize::try_from(most).unwrap_or(usize::MAX)),
        ))
    }
}

impl State {
    fn sessions_of(&self, of: ProfileId, holds: impl Fn(&Session) -> bool) -> Vec<Session> {
        self.sessions
            .values()
            .filter(|session| session.profile_id == of && holds(session))
            .cloned()
            .collect()
    }

    pub(super) fn find_by_token(&self, of: ProfileId, token: TokenDigest) -> Option<Session> {
        self.sessions_of(of, |session| session.token == token).pop()
    }

    pub(super) fn find_session(&self, of: ProfileId, id: SessionId) -> Option<Session> {
        self.sessions_of(of, |session| session.id == id).pop()
    }

    pub(super) fn active_sessions(&self, of: ProfileId, now: DateTime<Utc>) -> Vec<Session> {
        let mut rows = self.sessions_of(of, |session| session.state(now) == SessionState::Active);
        rows.sort_by_key(|session| (session.created_at, session.id));
        rows
    }

    pub(super) fn renewable_sessions(&self, of: ProfileId, now: DateTime<Utc>) -> Vec<Session> {
        self.sessions_of(of, |session| session.may_be_renewed(now))
    }

    pub(super) fn insert_session(&mut self, new: &Session) -> Result<(), StoreError> {
        if !self.profiles.contains_key(&new.profile_id) {
            return Err(StoreError::Stale);
        }
        if self.sessions.contains_key(&new.id) {
            return Err(StoreError::Conflict(Constraint::SessionId));
        }
        if self.find_by_token(new.profile_id, new.token).is_some() {
            return Err(StoreError::Conflict(Constraint::SessionToken));
        }
        self.sessions.insert(new.id, new.clone());
        Ok(())
    }

    pub(super) fn update_session(&mut self, new: &Session) -> Result<(), StoreError> {
        match self.sessions.get_mut(&new.id) {
            Some(stored) if stored.profile_id == new.profile_id => {
                *stored = Session {
                    token: stored.token,
                    created_at: stored.created_at,
                    follows_tokens: stored.follows_tokens,
                    ..new.clone()
                };
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    pub(super) fn end_sessions(&mut self, of: ProfileId, ids: &[SessionId], end: Ended) -> u64 {
        let open = self.sessions.values_mut().filter(|session| {
            session.profile_id == of
                && ids.contains(&session.id)
                && session
                    .ended
                    .is_none_or(|end| end.reason == EndReason::Expired)
        });
        count(open.map(|session| session.ended = Some(end)))
    }

    pub(super) fn touch_sessions(&mut self, touches: &[Touch], flush: Flush) -> u64 {
        let lags = |stored: DateTime<Utc>, new: DateTime<Utc>| match flush {
            Flush::Coalesced => stored + TimeDelta::minutes(1) <= new,
            Flush::Final => stored < new,
        };
        let open = self.sessions.values_mut().filter(|s| s.ended.is_none());
        count(open.filter_map(|session| {
            let mine = || {
                touches
                    .iter()
                    .filter(|touch| touch.session_id == session.id)
            };
            let at = mine().map(|touch| touch.at).max()?;
            let expires_at = mine()
                .map(|touch| touch.token_expires_at)
                .max()
                .filter(|_| session.follows_tokens)
                .unwrap_or(session.expires_at);
            (lags(session.last_activity_at, at) || lags(session.expires_at, expires_at)).then(
                || {
                    session.last_activity_at = session.last_activity_at.max(at);
                    session.expires_at = session.expires_at.max(expires_at);
                },
            )
        }))
    }

    pub(super) fn log_in(&mut self, logins: &[Login]) {
        for login in logins {
            if let Some(profile) = self.profiles.get_mut(&login.profile_id) {
                profile.last_login_at = profile.last_login_at.max(Some(login.at));
            }
        }
    }

    pub(super) fn expire_sessions(&mut self, now: DateTime<Utc>, limit: u32) -> u64 {
        let lapsed = self
            .sessions
            .values_mut()
            .filter(|session| session.ended.is_none() && session.expires_at <= now)
            .take(usize::try_from(limit).unwrap_or(usize::MAX));
        count(lapsed.map(|session| {
            session.ended = Some(Ended {
                at: session.expires_at,
                reason: EndReason::Expired,
            });
        }))
    }

    pub(super) fn prune_sessions(&mut self, before: DateTime<Utc>, limit: u32) -> u64 {
        let outlived = self.sessions.values().filter(|session| {
            session.ended.is_some_and(|ended| ended.at < before) && session.expires_at < before
        });
        let outlived: Vec<SessionId> = outlived
            .map(|session| session.id)
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .collect();
        count(outlived.iter().map(|id| self.sessions.remove(id)))
    }

    pub(super) fn drop_addresses(
        &mut self,
        before: DateTime<Utc>,
        from: Option<(DateTime<Utc>, SessionId)>,
        limit: u32,
    ) -> AddressWalk {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let place = |session: &Session| (session.created_at, session.id);
        let mut seen: Vec<&mut Session> = self
            .sessions
            .values_mut()
            .filter(|session| session.ip_address.is_some() && session.created_at < before)
            .filter(|session| from.is_none_or(|from| place(session) > from))
            .collect();
        seen.sort_by_key(|session| place(session));
        seen.truncate(limit);
        let next = seen.last().filter(|_| seen.len() == limit);
        let next = next.map(|session| place(session));
        let old = seen
            .into_iter()
            .filter(|session| session.last_activity_at < before);
        let dropped = count(old.map(|session| session.ip_address = None));
        AddressWalk { dropped, next }
    }
}
