//! Reads of sessions outside a unit of work.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::session::{
    Account, Session, SessionFilter, SessionReader, Standing, TokenDigest,
};
use user_service_domain::store::StoreError;

use crate::entity::{Columns, session, unreadable};
use crate::error::internal;
use crate::statements;
use crate::store::SqlStore;

/// Without a token no session was selected.
fn bearer(row: &mut Columns<'_>) -> Result<Standing, DbErr> {
    let account = match (row.take()?, row.take()?) {
        (Some(id), Some(is_active)) => Account::Present {
            profile_id: ProfileId::new(id),
            is_active,
        },
        (None, None) => Account::None,
        _ => return Err(unreadable("is_active")),
    };
    Ok(Standing {
        account,
        removed_at: row.take()?,
        session: None,
    })
}

fn bearer_of_token(row: &mut Columns<'_>) -> Result<Standing, DbErr> {
    let standing = bearer(row)?;
    Ok(Standing {
        session: session::read_joined(row)?,
        ..standing
    })
}

fn number(row: &mut Columns<'_>) -> Result<i64, DbErr> {
    row.take()
}

#[async_trait]
impl SessionReader for SqlStore {
    async fn standing(
        &self,
        user_id: UserId,
        token: Option<TokenDigest>,
    ) -> Result<Standing, StoreError> {
        let select = statements::standing(user_id, token);
        let read = if token.is_some() {
            bearer_of_token
        } else {
            bearer
        };
        let standing = self.one(&select, read).await?;
        standing.ok_or_else(|| internal("no row about a bearer"))
    }

    async fn list(
        &self,
        of: ProfileId,
        filter: SessionFilter,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let select = statements::list_sessions(of, filter, now, limit);
        self.many(&select, session::read).await
    }

    async fn count_active(&self, now: DateTime<Utc>, most: u32) -> Result<u64, StoreError> {
        let select = statements::count_active_sessions(self.backend(), now, most);
        let count = self.one(&select, number).await?;
        Ok(count.map_or(0, i64::unsigned_abs))
    }
}
