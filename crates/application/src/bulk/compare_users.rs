//! Whether users are as a source says.

use std::collections::HashMap;
use std::sync::Arc;

use user_service_domain::bulk::{StoredAccount, UserRecord};
use user_service_domain::clock::Clock;
use user_service_domain::ids::IdGenerator;
use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::retry::retrying;

/// A user as the source has them, and as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// What is stored, with what the record says; versions are those that are stored.
    pub said: StoredAccount,
    /// What is stored.
    pub stored: StoredAccount,
}

/// Compares users with what a source says of them.
pub struct CompareUsers {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl CompareUsers {
    /// Over these ports.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, ids: Arc<dyn IdGenerator>) -> Self {
        Self { store, clock, ids }
    }

    /// Those users that are there, in the order of the records.
    #[tracing::instrument(name = "users.compare", skip_all)]
    pub async fn execute(&self, records: &[UserRecord]) -> Result<Vec<Compared>, UseCaseError> {
        let users: Vec<_> = records.iter().map(|record| record.user_id).collect();
        let stored = retrying(async || {
            let mut uow = self.store.begin().await?;
            Ok(uow.accounts().find_for_update(&users).await?)
        })
        .await?;
        let mut stored: HashMap<_, _> = stored
            .into_iter()
            .map(|account| (account.profile.user_id, account))
            .collect();
        let now = self.clock.now();
        let compared = records.iter().filter_map(|record| {
            let stored = stored.remove(&record.user_id)?;
            let mut said = StoredAccount::from(record.change(&stored, &*self.ids, now));
            said.profile.version = stored.profile.version;
            if let (Some(said), Some(stored)) = (&mut said.preferences, &stored.preferences) {
                said.version = stored.version;
            }
            Some(Compared { said, stored })
        });
        Ok(compared.collect())
    }
}
