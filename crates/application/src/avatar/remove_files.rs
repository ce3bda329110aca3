//! Removes files that are nobody's any longer.

use std::sync::Arc;

use user_service_domain::avatar::AvatarStore;
use user_service_domain::ids::AvatarId;
use user_service_domain::store::Store;

use crate::UseCaseError;

/// Removes files that a committed unit of work noted as nobody's.
#[derive(Clone)]
pub struct RemoveFiles {
    store: Arc<dyn Store>,
    files: Arc<dyn AvatarStore>,
}

impl RemoveFiles {
    /// Over these stores.
    pub fn new(store: Arc<dyn Store>, files: Arc<dyn AvatarStore>) -> Self {
        Self { store, files }
    }

    /// Removes the files, then what was noted about them. Errors: `AvatarsUnavailable`.
    pub async fn execute(&self, ids: &[AvatarId]) -> Result<(), UseCaseError> {
        for id in ids {
            self.files.delete(*id).await?;
        }
        if ids.is_empty() {
            return Ok(());
        }
        let mut uow = self.store.begin().await?;
        uow.avatars().settle(ids).await?;
        Ok(uow.commit().await?)
    }

    /// [`Self::execute`] at once where it can be; else the collection does it later.
    pub(crate) async fn now_or_later(&self, id: Option<AvatarId>) {
        let Some(id) = id else { return };
        if let Err(error) = self.execute(&[id]).await {
            tracing::warn!(error = %error, "files of an avatar could not be removed yet");
        }
    }
}
