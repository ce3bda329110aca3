//! Indexes profiles for the search.

use std::sync::Arc;

use user_service_domain::store::Store;

use crate::UseCaseError;
use crate::retry::retrying;

/// Indexes profiles that came past the service: from before there was an index, or by a bulk load.
pub struct IndexProfiles {
    store: Arc<dyn Store>,
}

impl IndexProfiles {
    /// How many are indexed in one unit of work.
    const BATCH: u32 = 500;

    /// Over this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Indexes what is not indexed yet, in batches, each a unit of work of its own. Answers how many.
    #[tracing::instrument(name = "profile.index", skip_all)]
    pub async fn execute(&self) -> Result<u64, UseCaseError> {
        let mut indexed = 0;
        loop {
            let batch = retrying(async || {
                let mut uow = self.store.begin().await?;
                let batch = uow.search_index().index_pending(Self::BATCH).await?;
                uow.commit().await?;
                Ok(batch)
            })
            .await?;
            indexed += batch;
            if batch == 0 {
                return Ok(indexed);
            }
        }
    }

    /// Indexes all anew, in the order of their ids. Answers how many.
    #[tracing::instrument(name = "profile.index_all", skip_all)]
    pub async fn all(&self) -> Result<u64, UseCaseError> {
        let mut indexed = 0;
        let mut after = None;
        loop {
            let batch = retrying(async || {
                let mut uow = self.store.begin().await?;
                let batch = uow.search_index().index_after(after, Self::BATCH).await?;
                uow.commit().await?;
                Ok(batch)
            })
            .await?;
            let Some((count, last)) = batch else {
                return Ok(indexed);
            };
            indexed += count;
            after = Some(last);
        }
    }
}
