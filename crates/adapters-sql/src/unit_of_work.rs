//! The unit of work: one transaction, and the repositories in it.

use async_trait::async_trait;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, StatementBuilder,
};
use user_service_domain::avatar::AvatarLedger;
use user_service_domain::bulk::Accounts;
use user_service_domain::idempotency::IdempotencyKeys;
use user_service_domain::ids::ProfileId;
use user_service_domain::preferences::StoredPreferences;
use user_service_domain::profile::{Profiles, SearchIndex};
use user_service_domain::revocation::RevocationLog;
use user_service_domain::session::{SessionUpkeep, Sessions};
use user_service_domain::store::{Constraint, StoreError, UnitOfWork};
use user_service_telemetry::DatabaseMeasures;

use crate::dialect::{Dialect, build};
use crate::doubt::Doubt;
use crate::entity::Columns;
use crate::error::{
    internal, is_broken, refuses_to_write, sort_uncommitted, store_error, unanswered,
};

/// A transaction that ends with the first error.
pub(crate) struct SqlUnitOfWork {
    /// `None` once it is spent.
    transaction: Option<DatabaseTransaction>,
    dialect: Dialect,
    doubt: Doubt,
    backend: DbBackend,
    measures: DatabaseMeasures,
    /// What is searched of the profile that was found for update last.
    pub(crate) seen: Option<(ProfileId, String)>,
}

impl SqlUnitOfWork {
    pub(crate) fn new(
        transaction: DatabaseTransaction,
        dialect: Dialect,
        doubt: Doubt,
        measures: DatabaseMeasures,
    ) -> Self {
        let backend = transaction.get_database_backend();
        Self {
            transaction: Some(transaction),
            dialect,
            doubt,
            backend,
            measures,
            seen: None,
        }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.backend
    }

    /// Reads at most one row.
    pub(crate) async fn one<T: Send>(
        &mut self,
        select: &SelectStatement,
        read: fn(&mut Columns<'_>) -> Result<T, DbErr>,
    ) -> Result<Option<T>, StoreError> {
        self.one_by(build(self.backend, select), read).await
    }

    /// Reads at most one row by a rendered statement.
    pub(crate) async fn one_by<T: Send>(
        &mut self,
        statement: Statement,
        read: fn(&mut Columns<'_>) -> Result<T, DbErr>,
    ) -> Result<Option<T>, StoreError> {
        let dialect = self.dialect;
        let measured = self.measures.statement(&statement.sql);
        let row = self.answer(self.live()?.query_one_raw(statement));
        let row = measured.run(row).await;
        let value = row.and_then(|row| {
            row.map(|row| read(&mut Columns::of(&row, dialect)))
                .transpose()
        });
        self.settle(None, value).await
    }

    /// Reads every row.
    pub(crate) async fn many<T: Send>(
        &mut self,
        select: &SelectStatement,
        read: fn(&mut Columns<'_>) -> Result<T, DbErr>,
    ) -> Result<Vec<T>, StoreError> {
        let dialect = self.dialect;
        let statement = build(self.backend, select);
        let measured = self.measures.statement(&statement.sql);
        let rows = self.answer(self.live()?.query_all_raw(statement));
        let rows = measured.run(rows).await;
        let values = rows.and_then(|rows| {
            rows.iter()
                .map(|row| read(&mut Columns::of(row, dialect)))
                .collect()
        });
        self.settle(None, values).await
    }

    /// Runs a statement and answers how many rows it met. `primary` is the rule of the table's key.
    pub(crate) async fn run<S: StatementBuilder + Sync>(
        &mut self,
        statement: &S,
        primary: Option<Constraint>,
    ) -> Result<u64, StoreError> {
        self.run_by(build(self.backend, statement), primary).await
    }

    async fn run_by(
        &mut self,
        statement: Statement,
        primary: Option<Constraint>,
    ) -> Result<u64, StoreError> {
        let measured = self.measures.statement(&statement.sql);
        let done = self.answer(self.live()?.execute_raw(statement));
        let done = measured.run(done).await;
        let rows = done.map(|done| done.rows_affected());
        self.settle(primary, rows).await
    }

    /// Has each statement that follows planned for the tables as they are now, until [`Self::plan_as_ever`]. PostgreSQL
    /// keeps the plan of a statement that was run a few times: to read a whole table, where it was empty then and nobody
    /// has analyzed it since.
    pub(crate) async fn plan_anew(&mut self) -> Result<(), StoreError> {
        self.plan("force_custom_plan").await
    }

    /// Lets plans be kept. What checks the references of rows to be written must not be planned for each of them.
    pub(crate) async fn plan_as_ever(&mut self) -> Result<(), StoreError> {
        self.plan("DEFAULT").await
    }

    async fn plan(&mut self, mode: &str) -> Result<(), StoreError> {
        self.live()?;
        if self.backend == DbBackend::Postgres {
            let sql = format!("SET LOCAL plan_cache_mode = {mode}");
            self.run_by(Statement::from_string(self.backend, sql), None)
                .await?;
        }
        Ok(())
    }

    /// Runs a guarded update: no row means that somebody else was faster.
    pub(crate) async fn run_guarded<S: StatementBuilder + Sync>(
        &mut self,
        statement: &S,
    ) -> Result<(), StoreError> {
        self.run_guarded_by(build(self.backend, statement)).await
    }

    /// [`Self::run_guarded`] by a rendered statement.
    pub(crate) async fn run_guarded_by(&mut self, statement: Statement) -> Result<(), StoreError> {
        match self.run_by(statement, None).await? {
            0 => Err(self.fail(StoreError::Stale).await),
            _ => Ok(()),
        }
    }

    /// Ends the unit of work at once, so that its locks are free before the caller decides what to do.
    pub(crate) async fn fail(&mut self, error: StoreError) -> StoreError {
        if let Some(transaction) = self.transaction.take() {
            // Should it fail, the connection is broken and the server rolls back by itself.
            let rollback = self.answer(transaction.rollback());
            drop(self.measures.rollback().run(rollback).await);
        }
        error
    }

    /// The transaction, unless the unit of work is spent.
    pub(crate) fn live(&self) -> Result<&DatabaseTransaction, StoreError> {
        self.transaction.as_ref().ok_or_else(spent)
    }

    async fn settle<T: Send>(
        &mut self,
        primary: Option<Constraint>,
        result: Result<T, DbErr>,
    ) -> Result<T, StoreError> {
        match result {
            Ok(value) => Ok(value),
            Err(error) => {
                if refuses_to_write(self.dialect, &error) {
                    self.doubt.refused_to_write();
                }
                if is_broken(&error) {
                    // Nobody would hear of a rollback; without it the server rolls back, too.
                    drop(self.transaction.take());
                }
                let error = sort_uncommitted(self.dialect, primary, error);
                Err(self.fail(error).await)
            }
        }
    }

    async fn answer<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let answer = self.doubt.in_time(statement).await;
        answer.unwrap_or_else(|| Err(unanswered()))
    }
}

fn spent() -> StoreError {
    internal("the unit of work is spent")
}

#[async_trait]
impl UnitOfWork for SqlUnitOfWork {
    fn profiles(&mut self) -> &mut dyn Profiles {
        self
    }

    fn accounts(&mut self) -> &mut dyn Accounts {
        self
    }

    fn search_index(&mut self) -> &mut dyn SearchIndex {
        self
    }

    fn preferences(&mut self) -> &mut dyn StoredPreferences {
        self
    }

    fn idempotency_keys(&mut self) -> &mut dyn IdempotencyKeys {
        self
    }

    fn sessions(&mut self) -> &mut dyn Sessions {
        self
    }

    fn session_upkeep(&mut self) -> &mut dyn SessionUpkeep {
        self
    }

    fn revocations(&mut self) -> &mut dyn RevocationLog {
        self
    }

    fn avatars(&mut self) -> &mut dyn AvatarLedger {
        self
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let transaction = self.transaction.take().ok_or_else(spent)?;
        let commit = self.answer(transaction.commit());
        let committed = self.measures.commit().run(commit).await;
        committed.map_err(|error| {
            if refuses_to_write(self.dialect, &error) {
                self.doubt.refused_to_write();
            }
            store_error(self.dialect, error)
        })
    }
}
