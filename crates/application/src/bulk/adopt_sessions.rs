//! Takes the sessions of a former service over.

use std::collections::HashMap;
use std::sync::Arc;

use user_service_domain::bulk::SessionOf;
use user_service_domain::session::Session;
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::retry::retrying;

/// Takes sessions over, with their ends: a token whose session was ended is refused here, too.
pub struct AdoptSessions {
    store: Arc<dyn Store>,
}

impl AdoptSessions {
    /// Over this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// How many were new. Sessions of people who have no profile are passed over. The cap on their number is for those
    /// that begin here.
    #[tracing::instrument(name = "sessions.adopt", skip_all)]
    pub async fn execute(&self, sessions: &[SessionOf]) -> Result<u64, UseCaseError> {
        let users: Vec<_> = sessions.iter().map(|session| session.user_id).collect();
        retrying(async || {
            let mut uow = self.store.begin().await?;
            let found = uow.accounts().find_for_update(&users).await?;
            let profiles: HashMap<_, _> = found
                .iter()
                .map(|account| (account.profile.user_id, account.profile.id))
                .collect();
            let sessions = sessions
                .iter()
                .filter_map(|SessionOf { user_id, session }| {
                    Some(Session {
                        profile_id: *profiles.get(user_id)?,
                        ..session.clone()
                    })
                });
            let sessions: Vec<Session> = sessions.collect();
            let stored = uow.accounts().insert_sessions(&sessions).await?;
            uow.commit().await?;
            Ok(stored)
        })
        .await
    }
}
