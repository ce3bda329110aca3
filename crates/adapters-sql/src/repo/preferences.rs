//! Changes of preferences.

use async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use user_service_domain::ids::ProfileId;
use user_service_domain::preferences::{Preferences, StoredPreferences};
use user_service_domain::store::StoreError;

use crate::entity::preferences::{self, UserPreferences};
use crate::unit_of_work::SqlUnitOfWork;

type Values = [(UserPreferences, Expr); 13];

impl SqlUnitOfWork {
    pub(crate) async fn changeable(&mut self, stored: &Preferences) -> Result<Values, StoreError> {
        match preferences::changeable(self.backend(), stored) {
            Ok(values) => Ok(values),
            Err(error) => Err(self.fail(StoreError::Internal(error.into())).await),
        }
    }
}

#[async_trait]
impl StoredPreferences for SqlUnitOfWork {
    async fn find_for_update(
        &mut self,
        profile: ProfileId,
    ) -> Result<Option<Preferences>, StoreError> {
        let select = Query::select()
            .columns(preferences::READ)
            .from(UserPreferences::Table)
            .and_where(Expr::col(UserPreferences::ProfileId).eq(profile.get()))
            .lock_exclusive()
            .take();
        self.one(&select, preferences::read).await
    }

    async fn insert(&mut self, stored: &Preferences) -> Result<(), StoreError> {
        let changeable = self.changeable(stored).await?;
        let (columns, values): (Vec<_>, Vec<_>) = preferences::fixed(stored)
            .into_iter()
            .chain(changeable)
            .unzip();
        let insert = Query::insert()
            .into_table(UserPreferences::Table)
            .columns(columns)
            .values_panic(values)
            .take();
        self.run(&insert, None).await?;
        Ok(())
    }

    async fn update(&mut self, stored: &Preferences) -> Result<(), StoreError> {
        let update = Query::update()
            .table(UserPreferences::Table)
            .values(self.changeable(stored).await?)
            .and_where(Expr::col(UserPreferences::ProfileId).eq(stored.profile_id.get()))
            .and_where(Expr::col(UserPreferences::Version).eq(stored.version.saturating_sub(1)))
            .take();
        self.run_guarded(&update).await
    }
}
