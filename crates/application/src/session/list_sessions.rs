//! Lists sessions.

use std::sync::Arc;

use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::profile::ProfileKey;
use user_service_domain::session::{Session, SessionFilter};
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::authz;

/// Sessions, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionList {
    /// The sessions.
    pub sessions: Vec<Session>,
    /// Whether they are the caller's own.
    pub is_own: bool,
}

/// Lists the sessions of a profile.
pub struct ListSessions {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl ListSessions {
    /// The most sessions that are listed.
    pub const MAX: u32 = 1000;

    /// Over this store and clock.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// The sessions, newest activity first. Errors: `Forbidden`, `ProfileNotFound`.
    #[tracing::instrument(name = "session.list", skip_all)]
    pub async fn execute(
        &self,
        caller: &Caller,
        key: ProfileKey,
        filter: SessionFilter,
    ) -> Result<SessionList, UseCaseError> {
        let own = authz::known(caller)?.user_id;
        let profile = self.store.profiles().find(key).await?;
        let profile = profile.ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::SessionsRead)?;
        let now = self.clock.now();
        let sessions = self.store.sessions();
        Ok(SessionList {
            sessions: sessions.list(profile.id, filter, now, Self::MAX).await?,
            is_own: profile.user_id == own,
        })
    }
}
