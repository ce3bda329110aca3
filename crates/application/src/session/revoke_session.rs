//! Ends one session.

use std::sync::Arc;

use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::ids::{SessionId, UserId};
use user_service_domain::profile::ProfileKey;
use user_service_domain::session::{EndReason, Session, SessionState, SessionToken};
use user_service_domain::store::Store;

use super::start_session::feed_entries;
use crate::UseCaseError;
use crate::authz;
use crate::retry::retrying;
use crate::revocation::Announcer;

/// Which session a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// That of the caller's token.
    Current,
    /// That of an id.
    Id(SessionId),
}

/// Ends one session of a profile.
pub struct RevokeSession {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    announcer: Announcer,
}

impl RevokeSession {
    /// Over this store, clock and announcer.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, announcer: Announcer) -> Self {
        Self {
            store,
            clock,
            announcer,
        }
    }

    /// Ends it; one that is over stays as it is. Its tokens are refused from then on. Errors:
    /// `Forbidden`, `ProfileNotFound`, `SessionNotFound`.
    #[tracing::instrument(name = "session.revoke", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        which: Which,
    ) -> Result<(), UseCaseError> {
        authz::known(caller)?;
        let (user_id, ended) = retrying(|| self.attempt(caller, key, which)).await?;
        if let Some((session, reason)) = ended {
            self.announcer
                .sessions_ended(user_id, &[session], reason)
                .await;
        }
        Ok(())
    }

    async fn attempt(
        &self,
        caller: &Caller,
        key: ProfileKey,
        which: Which,
    ) -> Result<(UserId, Option<(Session, EndReason)>), UseCaseError> {
        let now = self.clock.now();
        let mut uow = self.store.begin().await?;
        let found = uow.profiles().find_for_update(key).await?;
        let profile = found.ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::SessionsWrite)?;
        let own = authz::known(caller)?;
        let current = own
            .session
            .filter(|_| own.user_id == profile.user_id)
            .map(SessionToken::digest);
        let session = match (which, current) {
            (Which::Id(id), _) => uow.sessions().find(profile.id, id).await?,
            (Which::Current, Some(token)) => {
                uow.sessions().find_by_token(profile.id, token).await?
            }
            (Which::Current, None) => None,
        };
        let session = session.ok_or(UseCaseError::SessionNotFound)?;
        // A lapsed session that follows its tokens could be taken up again: ending it makes that final.
        if session.state(now) != SessionState::Active && !session.may_be_renewed(now) {
            return Ok((profile.user_id, None));
        }
        let reason = if current == Some(session.token) {
            EndReason::Logout
        } else {
            EndReason::Revoked
        };
        uow.sessions()
            .end(profile.id, &[session.id], now, reason)
            .await?;
        let entries = feed_entries(profile.user_id, std::slice::from_ref(&session), now, reason);
        uow.revocations().append(&entries).await?;
        uow.commit().await?;
        Ok((profile.user_id, Some((session, reason))))
    }
}
