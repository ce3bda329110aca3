//! Connections that are kept from one statement to the next.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sea_orm::{ConnAcquireErr, DbErr, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::error::ErrorKind;
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Connection as _, Database, Executor, IntoArguments, Pool};
use tokio::sync::oneshot;
use user_service_telemetry::{DatabaseMeasures, PoolUsage};

use crate::dialect::{Dialect, Trouble};
use crate::doubt::{Doubt, no_answer};
use crate::error::{turned_away, was_closed};
use crate::queue::{Outcome, Queue, Waiting, Wish};

/// After so long without use a connection goes back to the pool, which tests it.
const UNUSED: Duration = Duration::from_secs(15);

/// After so long in use a connection goes back to the pool, which knows how long it may live.
const USED: Duration = Duration::from_mins(1);

/// After so long without use a connection may have been ended by the server, which nobody noticed.
const QUIET: Duration = Duration::from_millis(5);

/// How often a read is repeated on another connection: those that were lost are lost together.
const REPEATED: u32 = 3;

/// Runs single statements, each committed by itself. Queries only read: they may be run twice.
#[async_trait]
pub trait Statements: fmt::Debug + Send + Sync {
    /// The first row, if any.
    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr>;

    /// Every row.
    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr>;

    /// The row that a statement changed and returns, if any. It is run once, whatever becomes of it: where the answer is
    /// lost nobody knows whether it is done.
    async fn change_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr>;

    /// How many rows it met.
    async fn execute(&self, statement: Statement) -> Result<u64, DbErr>;

    /// To be held while somebody waits for a connection of the pool itself: one is given back for them. An error where
    /// too many wait already.
    fn room(&self) -> Result<Room, DbErr>;

    /// Gives all connections back.
    fn release(&self);

    /// How the connections are used.
    fn usage(&self) -> PoolUsage;
}

/// The pool tests every connection when it comes back, by a round trip of its own: as many again as there are
/// statements. Here connections that did their work stay checked out, for the next statement: where statements wait, the
/// one that waited longest is handed it. They go back when a unit of work waits for one, when one was not used for a
/// while or used for long, and after any error.
pub struct Kept<DB: Database> {
    pool: Pool<DB>,
    dialect: Dialect,
    stock: Mutex<Stock<DB>>,
    /// Who waits; entered under the lock of `stock` alone.
    queue: Arc<Queue>,
    doubt: Doubt,
    measures: DatabaseMeasures,
}

struct Idle<DB: Database> {
    connection: PoolConnection<DB>,
    kept_since: Instant,
    used_at: Instant,
}

struct Stock<DB: Database> {
    idle: Vec<Idle<DB>>,
    /// The statements that wait, for the pool as well; some may have got one there.
    wanting: VecDeque<oneshot::Sender<Idle<DB>>>,
}

impl<DB: Database> Stock<DB> {
    /// Where a connection is handed over.
    fn want(&mut self) -> oneshot::Receiver<Idle<DB>> {
        // Those who came first went first, mostly.
        while self.wanting.front().is_some_and(oneshot::Sender::is_closed) {
            self.wanting.pop_front();
        }
        let (giver, taker) = oneshot::channel();
        self.wanting.push_back(giver);
        taker
    }

    /// Hands it to the statement that waited longest, else keeps it.
    fn put(&mut self, mut kept: Idle<DB>) {
        while let Some(giver) = self.wanting.pop_front() {
            match giver.send(kept) {
                Ok(()) => return,
                Err(refused) => kept = refused,
            }
        }
        self.idle.push(kept);
    }
}

/// Somebody waits for a connection of the pool.
#[derive(Debug)]
pub struct Room(Waiting);

impl Room {
    pub(crate) fn ends(self, outcome: Outcome) {
        self.0.ends(outcome);
    }
}

/// A connection while a statement runs on it. Whoever gives the statement up leaves the connection in the midst of an
/// answer: it is closed then, as the answer may never come.
struct Working<DB: Database> {
    idle: Option<Idle<DB>>,
    /// It was without use for so long that the server may have ended it.
    may_be_lost: bool,
    /// And nobody has tested it since.
    is_untested: bool,
}

impl<DB: Database> Working<DB> {
    fn connection(&mut self) -> Result<&mut DB::Connection, sqlx::Error> {
        match &mut self.idle {
            Some(idle) => Ok(&mut *idle.connection),
            None => Err(sqlx::Error::PoolClosed),
        }
    }

    fn done(mut self) -> Option<Idle<DB>> {
        self.idle.take()
    }
}

impl<DB: Database> Drop for Working<DB> {
    fn drop(&mut self) {
        if is_embedded::<DB>() {
            return;
        }
        if let Some(idle) = self.idle.take() {
            drop(idle.connection.detach());
        }
    }
}

impl<DB: Database> Kept<DB> {
    /// Connections of this pool; what its server refuses and leaves unanswered raises this doubt.
    pub fn new(pool: Pool<DB>, dialect: Dialect, doubt: Doubt, measures: DatabaseMeasures) -> Self {
        let patience = pool.options().get_acquire_timeout();
        Self {
            pool,
            dialect,
            stock: Mutex::new(Stock {
                idle: Vec::new(),
                wanting: VecDeque::new(),
            }),
            queue: Arc::new(Queue::new(patience)),
            doubt,
            measures,
        }
    }

    fn stock(&self) -> MutexGuard<'_, Stock<DB>> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waits(&self, wish: Wish) -> Result<Waiting, DbErr> {
        self.queue.enter(wish).map_err(turned_away)
    }

    /// A connection that was used lately, else one of the pool.
    async fn take(&self) -> Result<Working<DB>, DbErr> {
        self.heed();
        let (waiting, handed) = {
            let mut stock = self.stock();
            match stock.idle.pop() {
                Some(kept) if kept.used_at.elapsed() < UNUSED => {
                    let was_quiet = kept.used_at.elapsed() > QUIET;
                    return Ok(Working {
                        idle: Some(kept),
                        may_be_lost: was_quiet,
                        is_untested: was_quiet,
                    });
                }
                // Those below were used even longer ago.
                Some(_) => stock.idle.clear(),
                None => {}
            }
            (self.waits(Wish::Statement)?, stock.want())
        };
        // One that is new, or was waited for, answered just now.
        let is_untested = self.pool.num_idle() > 0;
        let connection = tokio::select! {
            biased;
            Ok(kept) = handed => {
                waiting.ends(Outcome::Served);
                return Ok(Working {
                    idle: Some(kept),
                    may_be_lost: false,
                    is_untested: false,
                });
            }
            connection = self.pool.acquire() => connection,
        };
        waiting.ends(Outcome::of(&connection));
        let connection = connection.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
            error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
        })?;
        let now = Instant::now();
        Ok(Working {
            idle: Some(Idle {
                connection,
                kept_since: now,
                used_at: now,
            }),
            may_be_lost: true,
            is_untested,
        })
    }

    /// A connection that answered lately. What changes something is not repeated, so that a connection which the server
    /// ended while nobody used it must be found out before.
    async fn take_tested(&self) -> Result<Working<DB>, DbErr> {
        let mut left = REPEATED;
        loop {
            let mut working = self.take().await?;
            if !working.is_untested || is_embedded::<DB>() {
                return Ok(working);
            }
            let tested = match working.connection() {
                Ok(connection) => self.answer(connection.ping()).await,
                Err(error) => Err(error),
            };
            if tested.is_ok() {
                return Ok(working);
            }
            if let Err(error) = self.done(working, tested, DbErr::Query)
                && (left == 0 || !was_closed(self.dialect, &error))
            {
                return Err(error);
            }
            left -= 1;
        }
    }

    fn put(&self, mut kept: Idle<DB>) {
        kept.used_at = Instant::now();
        let mut stock = self.stock();
        if !self.queue.holds_units() && kept.used_at.duration_since(kept.kept_since) < USED {
            stock.put(kept);
        }
    }

    async fn answer<T>(
        &self,
        statement: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let answer = self.doubt.in_time(statement).await;
        answer.unwrap_or_else(|| Err(no_answer()))
    }

    /// Gives the connection back where the statement went well, and all of them to the pool where the server may
    /// be gone.
    fn done<T>(
        &self,
        working: Working<DB>,
        result: Result<T, sqlx::Error>,
        as_error: fn(RuntimeErr) -> DbErr,
    ) -> Result<T, DbErr> {
        let kept = working.done();
        match result {
            Ok(value) => {
                if let Some(kept) = kept {
                    self.put(kept);
                }
                Ok(value)
            }
            Err(error) => {
                match error.as_database_error() {
                    // A server that goes says so by an error like others; a broken rule is no such news.
                    Some(error) if matches!(error.kind(), ErrorKind::Other) => {
                        if (self.dialect.classify)(error) == Trouble::ReadOnly {
                            self.doubt.refused_to_write();
                        }
                        self.stock().idle.clear();
                    }
                    Some(_) => {}
                    // The pool would wait for a connection on which nothing is heard.
                    None => {
                        if let Some(kept) = kept
                            && !is_embedded::<DB>()
                        {
                            drop(kept.connection.detach());
                        }
                        self.heed();
                        self.stock().idle.clear();
                    }
                }
                let error = as_error(RuntimeErr::SqlxError(error.into()));
                if was_closed(self.dialect, &error) {
                    self.forget();
                }
                Err(error)
            }
        }
    }

    /// Closes everything idle where somebody waited for an answer in vain: each of them would cost others as long.
    fn heed(&self) {
        if self.doubt.is_news() {
            for kept in self.stock().idle.drain(..) {
                drop(kept.connection.detach());
            }
            self.forget();
        }
    }

    /// Closes what is idle in the pool: connections are mostly lost together, and the pool would give them out one after
    /// another.
    fn forget(&self) {
        if is_embedded::<DB>() {
            return;
        }
        while let Some(connection) = self.pool.try_acquire() {
            drop(connection.detach());
        }
    }
}

/// An embedded database always answers, and one in memory is its connection.
fn is_embedded<DB: Database>() -> bool {
    DB::NAME == "SQLite"
}

fn query<DB: Database>(statement: Statement) -> Query<'static, DB, SqlxValues>
where
    SqlxValues: IntoArguments<DB>,
{
    let values = statement.values.unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

/// Reads, and again where the server had ended the connection while nobody used it.
macro_rules! read {
    ($kept:ident, $statement:ident, $fetch:ident) => {{
        let mut statement = $statement;
        let mut left = REPEATED;
        loop {
            let mut working = $kept.take().await?;
            let again = (working.may_be_lost && left > 0).then(|| statement.clone());
            let measured = $kept.measures.statement(&statement.sql);
            let read = match working.connection() {
                Ok(connection) => {
                    let read = query(statement).$fetch(connection);
                    measured.run($kept.answer(read)).await
                }
                Err(error) => Err(error),
            };
            match ($kept.done(working, read, DbErr::Query), again) {
                (Err(error), Some(again)) if was_closed($kept.dialect, &error) => {
                    statement = again;
                    left -= 1;
                }
                (read, _) => break read,
            }
        }
    }};
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
        let row = read!(self, statement, fetch_optional);
        Ok(row?.map(QueryResult::from))
    }

    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = read!(self, statement, fetch_all);
        Ok(rows?.into_iter().map(QueryResult::from).collect())
    }

    async fn change_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut working = self.take_tested().await?;
        let measured = self.measures.statement(&statement.sql);
        let rows = match working.connection() {
            Ok(connection) => {
                // Up to its end, where the change is committed: SQLite gives the row out before.
                let rows = query(statement).fetch_all(connection);
                measured.run(self.answer(rows)).await
            }
            Err(error) => Err(error),
        };
        let rows = self.done(working, rows, DbErr::Exec)?;
        Ok(rows.into_iter().next().map(QueryResult::from))
    }

    async fn execute(&self, statement: Statement) -> Result<u64, DbErr> {
        let mut working = self.take().await?;
        let measured = self.measures.statement(&statement.sql);
        let done = match working.connection() {
            Ok(connection) => {
                let done = query(statement).execute(connection);
                measured.run(self.answer(done)).await
            }
            Err(error) => Err(error),
        };
        let done = self.done(working, done, DbErr::Exec)?;
        Ok(sea_orm::ExecResult::from(done).rows_affected())
    }

    fn room(&self) -> Result<Room, DbErr> {
        self.heed();
        let mut stock = self.stock();
        drop(stock.idle.pop());
        self.waits(Wish::Unit).map(Room)
    }

    fn release(&self) {
        self.stock().idle.clear();
    }

    fn usage(&self) -> PoolUsage {
        let kept = self.stock().idle.len();
        let open = usize::try_from(self.pool.size()).unwrap_or(usize::MAX);
        let idle = self.pool.num_idle() + kept;
        let max = self.pool.options().get_max_connections();
        PoolUsage {
            max: usize::try_from(max).unwrap_or(usize::MAX),
            // Both are read one after the other, and may have changed between.
            used: open.saturating_sub(idle),
            idle,
            pending: self.queue.len(),
        }
    }
}

impl<DB: Database> fmt::Debug for Kept<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("idle", &self.stock().idle.len())
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

impl<DB: Database> Drop for Kept<DB> {
    fn drop(&mut self) {
        // To the pool a connection goes by a task, and there is no runtime any more where the process ends.
        if tokio::runtime::Handle::try_current().is_err() {
            for kept in self.stock().idle.drain(..) {
                drop(kept.connection.detach());
            }
        }
    }
}
