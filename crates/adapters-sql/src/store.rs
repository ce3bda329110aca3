//! The store.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{Profile, ProfilePatch, ProfileReader, ProfileSearch};
use user_service_domain::revocation::RevocationReader;
use user_service_domain::session::SessionReader;
use user_service_domain::store::{Store, StoreError, UnitOfWork, patch_by_reading, update_profile};
use user_service_telemetry::{DatabaseMeasures, PoolUsage};

use crate::dialect::{Dialect, build};
use crate::doubt::Doubt;
use crate::entity::{Columns, profile};
use crate::error::{sort_uncommitted, store_error, unanswered, was_closed};
use crate::kept::Statements;
use crate::queue::Outcome;
use crate::repo::{patched, replacement};
use crate::statements;
use crate::unit_of_work::SqlUnitOfWork;

/// A store on any engine.
#[derive(Clone, Debug)]
pub struct SqlStore {
    pub(crate) db: DatabaseConnection,
    statements: Arc<dyn Statements>,
    pub(crate) dialect: Dialect,
    doubt: Doubt,
    measures: DatabaseMeasures,
}

impl SqlStore {
    /// A store over an open pool, what runs single statements on its connections, and the doubt about them.
    pub fn new(
        db: DatabaseConnection,
        statements: impl Statements + 'static,
        dialect: Dialect,
        doubt: Doubt,
        measures: DatabaseMeasures,
    ) -> Self {
        Self {
            db,
            statements: Arc::new(statements),
            dialect,
            doubt,
            measures,
        }
    }

    /// How the connections are used.
    pub fn usage(&self) -> PoolUsage {
        self.statements.usage()
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    /// The pool, for statements that the ports do not know.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Closes the pool once its connections are back.
    pub async fn close(self) -> Result<(), StoreError> {
        self.statements.release();
        self.db
            .close()
            .await
            .map_err(|error| store_error(self.dialect, error))
    }

    async fn transaction(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            // A deferred transaction that read first cannot become a writer after another one wrote.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let room = self.statements.room()?;
        let begun = self.db.begin_with_options(options);
        let begun = async {
            let begun = self.doubt.begun_in_time(begun).await;
            begun.unwrap_or_else(|| Err(unanswered()))
        };
        let transaction = self.measures.begin().run(begun).await;
        // An embedded database begins once its only writer is done, which tells nothing of connections.
        if self.backend() != DbBackend::Sqlite {
            room.ends(Outcome::of(&transaction));
        }
        transaction
    }

    /// Reads at most one row.
    pub(crate) async fn one<T: Send>(
        &self,
        select: &SelectStatement,
        read: fn(&mut Columns<'_>) -> Result<T, DbErr>,
    ) -> Result<Option<T>, StoreError> {
        self.one_by(build(self.backend(), select), read).await
    }

    /// Reads at most one row by a rendered statement.
    pub(crate) async fn one_by<T: Send>(
        &self,
        statement: Statement,
        read: fn(&mut Columns<'_>) -> Result<T, DbErr>,
    ) -> Result<Option<T>, StoreError> {
        self.read_of(self.statements.query_one(statement).await, read)
    }

    fn read_of<T>(
        &self,
        row: Result<Option<QueryResult>, DbErr>,
        read: fn(&mut Columns<'_>) -> Result<T, DbErr>,
    ) -> Result<Option<T>, StoreError> {
        row.and_then(|row| {
            row.map(|row| read(&mut Columns::of(&row, self.dialect)))
                .transpose()
        })
        .map_err(|error| store_error(self.dialect, error))
    }

    /// Reads every row.
    pub(crate) async fn many<T: Send>(
        &self,
        select: &SelectStatement,
        read: fn(&mut Columns<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self
            .statements
            .query_all(build(self.backend(), select))
            .await;
        rows.and_then(|rows| {
            rows.iter()
                .map(|row| read(&mut Columns::of(row, self.dialect)))
                .collect()
        })
        .map_err(|error| store_error(self.dialect, error))
    }
}

#[async_trait]
impl Store for SqlStore {
    fn profiles(&self) -> &dyn ProfileReader {
        self
    }

    fn search(&self) -> &dyn ProfileSearch {
        self
    }

    fn sessions(&self) -> &dyn SessionReader {
        self
    }

    fn revocations(&self) -> &dyn RevocationReader {
        self
    }

    async fn replace_profile(&self, before: &Profile, after: &Profile) -> Result<(), StoreError> {
        if before.display_name != after.display_name || before.location != after.location {
            // What is searched changes, too.
            return update_profile(self, after).await;
        }
        let statement = replacement(self.backend(), after);
        match self.statements.execute(statement).await {
            Ok(0) => Err(StoreError::Stale),
            Ok(_) => Ok(()),
            Err(error) => Err(store_error(self.dialect, error)),
        }
    }

    async fn patch_profile(
        &self,
        id: ProfileId,
        owner: Option<UserId>,
        patch: &ProfilePatch,
        now: DateTime<Utc>,
    ) -> Result<Option<Profile>, StoreError> {
        if !patch.is_plain() || !statements::returns_what_it_changed(self.backend()) {
            return patch_by_reading(self, id, owner, patch, now).await;
        }
        let Some(statement) = patched(self.backend(), id, owner, patch, now) else {
            return Ok(None);
        };
        self.read_of(self.statements.change_one(statement).await, profile::read)
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let mut transaction = self.transaction().await;
        // It may have been closed while nobody used it.
        if let Err(error) = &transaction
            && was_closed(self.dialect, error)
        {
            transaction = self.transaction().await;
        }
        let transaction =
            transaction.map_err(|error| sort_uncommitted(self.dialect, None, error))?;
        Ok(Box::new(SqlUnitOfWork::new(
            transaction,
            self.dialect,
            self.doubt.clone(),
            self.measures.clone(),
        )))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let statement = Statement::from_string(self.backend(), "SELECT 1");
        let row = self.statements.query_one(statement).await;
        row.map_err(|error| store_error(self.dialect, error))?;
        Ok(())
    }
}
