//! Ends all sessions, or all others.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::ids::UserId;
use user_service_domain::profile::ProfileKey;
use user_service_domain::session::{EndReason, Session, SessionState, SessionToken};
use user_service_domain::store::Store;

use super::start_session::feed_entries;
use crate::UseCaseError;
use crate::authz;
use crate::retry::retrying;
use crate::revocation::Announcer;

/// Ends the sessions of a profile.
pub struct RevokeSessions {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    announcer: Announcer,
}

impl RevokeSessions {
    /// Over this store, clock and announcer.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, announcer: Announcer) -> Self {
        Self {
            store,
            clock,
            announcer,
        }
    }

    /// Ends every session that is active or could be taken up again, but for the caller's own where `keep_current`. Answers how many were active. Errors:
    /// `Forbidden`, `ProfileNotFound`.
    #[tracing::instrument(name = "session.revoke_all", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        keep_current: bool,
    ) -> Result<usize, UseCaseError> {
        authz::known(caller)?;
        let now = self.clock.now();
        let (user_id, ended) = retrying(|| self.attempt(caller, key, keep_current, now)).await?;
        self.announcer
            .sessions_ended(user_id, &ended, EndReason::Revoked)
            .await;
        let active = ended
            .iter()
            .filter(|session| session.state(now) == SessionState::Active);
        Ok(active.count())
    }

    async fn attempt(
        &self,
        caller: &Caller,
        key: ProfileKey,
        keep_current: bool,
        now: DateTime<Utc>,
    ) -> Result<(UserId, Vec<Session>), UseCaseError> {
        let mut uow = self.store.begin().await?;
        let found = uow.profiles().find_for_update(key).await?;
        let profile = found.ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::SessionsWrite)?;
        let own = authz::known(caller)?;
        let kept = own
            .session
            .filter(|_| keep_current && own.user_id == profile.user_id)
            .map(SessionToken::digest);
        let mut ending = uow.sessions().active(profile.id, now).await?;
        // A newer token would take these up again.
        ending.extend(uow.sessions().renewable(profile.id, now).await?);
        ending.retain(|session| Some(session.token) != kept);
        if ending.is_empty() {
            return Ok((profile.user_id, ending));
        }
        let ids: Vec<_> = ending.iter().map(|session| session.id).collect();
        let reason = EndReason::Revoked;
        uow.sessions().end(profile.id, &ids, now, reason).await?;
        let entries = feed_entries(profile.user_id, &ending, now, reason);
        uow.revocations().append(&entries).await?;
        uow.commit().await?;
        Ok((profile.user_id, ending))
    }
}
