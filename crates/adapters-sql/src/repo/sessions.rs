//! Changes of the sessions of a profile.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use user_service_domain::ids::{ProfileId, SessionId};
use user_service_domain::session::{EndReason, Session, Sessions, TokenDigest};
use user_service_domain::store::{Constraint, StoreError};

use crate::entity::session::{self, UserSessions as C};
use crate::statements::{self, MOST_IDS, padded};
use crate::unit_of_work::SqlUnitOfWork;

#[async_trait]
impl Sessions for SqlUnitOfWork {
    async fn find_by_token(
        &mut self,
        of: ProfileId,
        token: TokenDigest,
    ) -> Result<Option<Session>, StoreError> {
        let select = statements::find_session_by_token(of, token);
        self.one(&select, session::read).await
    }

    async fn find(&mut self, of: ProfileId, id: SessionId) -> Result<Option<Session>, StoreError> {
        let select = statements::find_session(of, id);
        self.one(&select, session::read).await
    }

    async fn active(
        &mut self,
        of: ProfileId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StoreError> {
        let select = statements::active_sessions(of, now);
        self.many(&select, session::read).await
    }

    async fn renewable(
        &mut self,
        of: ProfileId,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, StoreError> {
        let select = statements::renewable_sessions(of, now);
        self.many(&select, session::read).await
    }

    async fn insert(&mut self, session: &Session) -> Result<(), StoreError> {
        let (columns, values): (Vec<_>, Vec<_>) = session::fixed(session)
            .into_iter()
            .chain(session::changeable(session))
            .map(|(column, value)| (column, Expr::val(value)))
            .unzip();
        let insert = Query::insert()
            .into_table(C::Table)
            .columns(columns)
            .values_panic(values)
            .take();
        self.run(&insert, Some(Constraint::SessionId)).await?;
        Ok(())
    }

    async fn update(&mut self, session: &Session) -> Result<(), StoreError> {
        let update = Query::update()
            .table(C::Table)
            .values(session::changeable(session).map(|(column, value)| (column, value.into())))
            .and_where(Expr::col(C::Id).eq(session.id.get()))
            .and_where(Expr::col(C::ProfileId).eq(session.profile_id.get()))
            .take();
        self.run_guarded(&update).await
    }

    async fn end(
        &mut self,
        of: ProfileId,
        ids: &[SessionId],
        at: DateTime<Utc>,
        reason: EndReason,
    ) -> Result<u64, StoreError> {
        self.live()?;
        let mut ended = 0;
        for ids in ids.chunks(MOST_IDS) {
            let ids = padded(ids.iter().map(|id| id.get()).collect());
            let update = Query::update()
                .table(C::Table)
                .value(C::EndedAt, at)
                .value(C::EndedReason, reason.as_str())
                .and_where(Expr::col(C::ProfileId).eq(of.get()))
                .and_where(Expr::col(C::Id).is_in(ids))
                .and_where(
                    Expr::col(C::EndedAt)
                        .is_null()
                        .or(Expr::col(C::EndedReason).eq(EndReason::Expired.as_str())),
                )
                .take();
            ended += self.run(&update, None).await?;
        }
        Ok(ended)
    }
}
