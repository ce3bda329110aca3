//! The ledger of avatars' files, and the aliases.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use user_service_domain::avatar::{AvatarAlias, AvatarLedger};
use user_service_domain::ids::{AvatarId, ProfileId};
use user_service_domain::store::StoreError;

use crate::entity::avatar::{UserAvatarAliases as Alias, UserAvatarFiles as File, read_id};
use crate::statements::{self, MOST_IDS, padded};
use crate::unit_of_work::SqlUnitOfWork;

#[async_trait]
impl AvatarLedger for SqlUnitOfWork {
    async fn note(&mut self, id: AvatarId, due: DateTime<Utc>) -> Result<(), StoreError> {
        let insert = Query::insert()
            .into_table(File::Table)
            .columns([File::AvatarId, File::DueAt])
            .values_panic([Expr::val(id.get()), Expr::val(due)])
            .on_conflict(
                OnConflict::column(File::AvatarId)
                    .update_column(File::DueAt)
                    .to_owned(),
            )
            .take();
        self.run(&insert, None).await?;
        Ok(())
    }

    async fn claim(&mut self, id: AvatarId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let delete = Query::delete()
            .from_table(File::Table)
            .and_where(Expr::col(File::AvatarId).eq(id.get()))
            .and_where(Expr::col(File::DueAt).gt(now))
            .take();
        Ok(self.run(&delete, None).await? > 0)
    }

    async fn due(&mut self, now: DateTime<Utc>, limit: u32) -> Result<Vec<AvatarId>, StoreError> {
        let select = statements::due_avatar_files(now, limit);
        self.many(&select, read_id).await
    }

    async fn settle(&mut self, ids: &[AvatarId]) -> Result<(), StoreError> {
        self.live()?;
        // In one order, so that two who settle the same do not wait for each other in a circle.
        let ids: BTreeSet<_> = ids.iter().map(|id| id.get()).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        for ids in ids.chunks(MOST_IDS) {
            let delete = Query::delete()
                .from_table(File::Table)
                .and_where(Expr::col(File::AvatarId).is_in(padded(ids.to_vec())))
                .take();
            self.run(&delete, None).await?;
        }
        Ok(())
    }

    async fn unknown(&mut self, ids: &[AvatarId]) -> Result<Vec<AvatarId>, StoreError> {
        self.live()?;
        let mut unknown: BTreeSet<AvatarId> = ids.iter().copied().collect();
        for ids in ids.chunks(MOST_IDS) {
            // The notes first: a file that is noted now may be pointed at a moment later, and is seen either
            // way. The other way round it could slip through between the two.
            for known in [
                statements::noted_avatar_files(ids),
                statements::owned_avatars(ids),
            ] {
                for id in self.many(&known, read_id).await? {
                    unknown.remove(&id);
                }
            }
        }
        Ok(unknown.into_iter().collect())
    }

    async fn set_aliases(
        &mut self,
        of: ProfileId,
        aliases: &[AvatarAlias],
    ) -> Result<(), StoreError> {
        let aliases: BTreeSet<_> = aliases.iter().map(|alias| alias.0).collect();
        let mut delete = Query::delete()
            .from_table(Alias::Table)
            .and_where(Expr::col(Alias::ProfileId).eq(of.get()))
            .take();
        if !aliases.is_empty() {
            let kept = aliases.iter().map(|alias| alias.to_vec());
            delete.and_where(Expr::col(Alias::Alias).is_not_in(kept));
        }
        self.run(&delete, None).await?;
        for alias in aliases {
            let insert = Query::insert()
                .into_table(Alias::Table)
                .columns([Alias::Alias, Alias::ProfileId])
                .values_panic([Expr::val(alias.to_vec()), Expr::val(of.get())])
                .on_conflict(
                    OnConflict::column(Alias::Alias)
                        .update_column(Alias::ProfileId)
                        .to_owned(),
                )
                .take();
            self.run(&insert, None).await?;
        }
        Ok(())
    }
}
