//! Connections that are kept from one statement to the next.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sea_orm::{ConnAcquireErr, DbErr, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::error::ErrorKind;
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Database, Executor, IntoArguments, Pool};
use user_service_telemetry::{DatabaseMeasures, PoolUsage};

use crate::dialect::{Dialect, Trouble};
use crate::doubt::{Doubt, no_answer};
use crate::error::is_closed;

/// After so long without use a connection goes back to the pool, which tests it.
const UNUSED: Duration = Duration::from_secs(15);

/// After so long in use a connection goes back to the pool, which knows how long it may live.
const USED: Duration = Duration::from_mins(1);

/// Runs single statements, each committed by itself.
#[async_trait]
pub trait Statements: fmt::Debug + Send + Sync {
    /// The first row, if any.
    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr>;

    /// Every row.
    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr>;

    /// How many rows it met.
    async fn execute(&self, statement: Statement) -> Result<u64, DbErr>;

    /// To be held while somebody waits for a connection of the pool itself: one is given back for them.
    fn room(&self) -> Room;

    /// Gives all connections back.
    fn release(&self);

    /// How the connections are used.
    fn usage(&self) -> PoolUsage;
}

/// The pool tests every connection when it comes back, by a round trip of its own: as many again as there are
/// statements. Here connections that did their work stay checked out, for the next statement. They go back when
/// somebody waits for one, when one was not used for a while or used for long, and after any error.
pub struct Kept<DB: Database> {
    pool: Pool<DB>,
    dialect: Dialect,
    doubt: Doubt,
    idle: Mutex<Vec<Idle<DB>>>,
    /// How many wait for the pool; changed upwards under the lock of `idle` alone.
    waiting: Arc<AtomicUsize>,
    measures: DatabaseMeasures,
}

struct Idle<DB: Database> {
    connection: PoolConnection<DB>,
    kept_since: Instant,
    used_at: Instant,
}

/// Somebody waits for a connection of the pool.
#[derive(Debug)]
pub struct Room(Arc<AtomicUsize>);

impl Drop for Room {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<DB: Database> Kept<DB> {
    /// Connections of this pool; what its server refuses and leaves unanswered raises this doubt.
    pub fn new(pool: Pool<DB>, dialect: Dialect, doubt: Doubt, measures: DatabaseMeasures) -> Self {
        Self {
            pool,
            dialect,
            doubt,
            idle: Mutex::default(),
            waiting: Arc::default(),
            measures,
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle<DB>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waits(&self) -> Room {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        Room(Arc::clone(&self.waiting))
    }

    /// A connection that was used lately, else one of the pool.
    async fn take(&self) -> Result<Idle<DB>, DbErr> {
        let _room = {
            let mut idle = self.idle();
            match idle.pop() {
                Some(kept) if kept.used_at.elapsed() < UNUSED => return Ok(kept),
                // Those below were used even longer ago.
                Some(_) => idle.clear(),
                None => {}
            }
            self.waits()
        };
        let connection = self.pool.acquire().await.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
        })?;
        let now = Instant::now();
        Ok(Idle {
            connection,
            kept_since: now,
            used_at: now,
        })
    }

    fn put(&self, mut kept: Idle<DB>) {
        kept.used_at = Instant::now();
        let mut idle = self.idle();
        if self.waiting.load(Ordering::Acquire) == 0
            && kept.used_at.duration_since(kept.kept_since) < USED
        {
            idle.push(kept);
        }
    }

    async fn answer<T>(
        &self,
        statement: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let answer = self.doubt.in_time(statement).await;
        answer.unwrap_or_else(|| Err(no_answer()))
    }

    /// Whether a read only found that its connection had been closed.
    fn may_be_repeated<T>(&self, read: &Result<T, sqlx::Error>) -> bool {
        read.as_ref()
            .is_err_and(|error| is_closed(self.dialect, error))
    }

    /// Another connection in the place of one that was closed. Others that are kept may have been, too: it is one
    /// that the pool has tested, or a new one.
    async fn replaced(&self, closed: Idle<DB>) -> Result<Idle<DB>, DbErr> {
        drop(closed.connection.detach());
        self.idle().clear();
        self.take().await
    }

    /// Gives the connection back where the statement went well, and all of them to the pool where the server may
    /// be gone.
    fn done<T>(
        &self,
        kept: Idle<DB>,
        result: Result<T, sqlx::Error>,
        as_error: fn(RuntimeErr) -> DbErr,
    ) -> Result<T, DbErr> {
        match result {
            Ok(value) => {
                self.put(kept);
                Ok(value)
            }
            Err(error) => {
                match error.as_database_error() {
                    // A server that goes says so by an error like others; a broken rule is no such news.
                    Some(error) if matches!(error.kind(), ErrorKind::Other) => {
                        if (self.dialect.classify)(error) == Trouble::ReadOnly {
                            self.doubt.refused_to_write();
                        }
                        self.idle().clear();
                    }
                    Some(_) => {}
                    // The pool would wait for a connection on which nothing is heard.
                    None => {
                        drop(kept.connection.detach());
                        self.idle().clear();
                    }
                }
                Err(as_error(RuntimeErr::SqlxError(error.into())))
            }
        }
    }
}

fn query<DB: Database>(statement: Statement) -> Query<'static, DB, SqlxValues>
where
    SqlxValues: IntoArguments<DB>,
{
    let values = statement.values.unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

#[async_trait]
impl<DB> Statements for Kept<DB>
where
    DB: Database,
    SqlxValues: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    QueryResult: From<DB::Row>,
    sea_orm::ExecResult: From<DB::QueryResult>,
{
    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let again = statement.clone();
        let mut kept = self.take().await?;
        let measured = self.measures.statement(&statement.sql);
        let row = query(statement).fetch_optional(&mut *kept.connection);
        let mut row = measured.run(self.answer(row)).await;
        if self.may_be_repeated(&row) {
            kept = self.replaced(kept).await?;
            row = self
                .answer(query(again).fetch_optional(&mut *kept.connection))
                .await;
        }
        let row = self.done(kept, row, DbErr::Query)?;
        Ok(row.map(QueryResult::from))
    }

    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let again = statement.clone();
        let mut kept = self.take().await?;
        let measured = self.measures.statement(&statement.sql);
        let rows = query(statement).fetch_all(&mut *kept.connection);
        let mut rows = measured.run(self.answer(rows)).await;
        if self.may_be_repeated(&rows) {
            kept = self.replaced(kept).await?;
            rows = self
                .answer(query(again).fetch_all(&mut *kept.connection))
                .await;
        }
        let rows = self.done(kept, rows, DbErr::Query)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    async fn execute(&self, statement: Statement) -> Result<u64, DbErr> {
        let mut kept = self.take().await?;
        let measured = self.measures.statement(&statement.sql);
        let done = query(statement).execute(&mut *kept.connection);
        let done = measured.run(self.answer(done)).await;
        let done = self.done(kept, done, DbErr::Exec)?;
        Ok(sea_orm::ExecResult::from(done).rows_affected())
    }

    fn room(&self) -> Room {
        let mut idle = self.idle();
        drop(idle.pop());
        self.waits()
    }

    fn release(&self) {
        self.idle().clear();
    }

    fn usage(&self) -> PoolUsage {
        let kept = self.idle().len();
        let open = usize::try_from(self.pool.size()).unwrap_or(usize::MAX);
        let idle = self.pool.num_idle() + kept;
        let max = self.pool.options().get_max_connections();
        PoolUsage {
            max: usize::try_from(max).unwrap_or(usize::MAX),
            // Both are read one after the other, and may have changed between.
            used: open.saturating_sub(idle),
            idle,
            pending: self.waiting.load(Ordering::Acquire),
        }
    }
}

impl<DB: Database> fmt::Debug for Kept<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (idle, waiting) = (self.idle().len(), self.waiting.load(Ordering::Acquire));
        f.debug_struct("Kept")
            .field("idle", &idle)
            .field("waiting", &waiting)
            .finish_non_exhaustive()
    }
}

impl<DB: Database> Drop for Kept<DB> {
    fn drop(&mut self) {
        // To the pool a connection goes by a task, and there is no runtime any more where the process ends.
        if tokio::runtime::Handle::try_current().is_err() {
            for kept in self.idle().drain(..) {
                drop(kept.connection.detach());
            }
        }
    }
}
