//! Reads rows one by one.

use chrono::{DateTime, Utc};
use futures_util::stream::{BoxStream, StreamExt, unfold};
use sqlx::{AssertSqlSafe, ColumnIndex, Database, Decode, Executor, IntoArguments, Pool, Row};

use crate::sessions::FormerSession;
use crate::sql::{self, TextType};
use crate::users::FormerUser;

/// Why the database of the Python service cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be reached, or has no such tables.
    #[error("the database of the Python service cannot be read")]
    Unreadable(#[from] sqlx::Error),
    /// It is a database of this service.
    #[error("this is a database of this service, not of the Python service")]
    Ours,
    /// A person has one profile here.
    #[error("{0} people have more than one profile there")]
    Repeated(String),
}

/// The database of the Python service.
pub trait PythonService: Send + Sync {
    /// Whether it is one that can be taken over.
    fn check(&self) -> futures_util::future::BoxFuture<'_, Result<(), SourceError>>;

    /// Every user, in the order of their profiles' ids as the engine has it.
    fn users(&self) -> BoxStream<'_, Result<FormerUser, SourceError>>;

    /// Every session, judged at this moment.
    fn sessions(&self, now: DateTime<Utc>) -> BoxStream<'_, Result<FormerSession, SourceError>>;
}

/// The database of the Python service over a pool of connections.
pub struct Reader<DB: Database> {
    pool: Pool<DB>,
    text: TextType,
}

impl<DB: Database> Reader<DB> {
    /// Over this pool, on an engine that calls a text so.
    pub fn new(pool: Pool<DB>, text: TextType) -> Self {
        Self { pool, text }
    }
}

type Texts = Vec<Option<String>>;

impl<DB> Reader<DB>
where
    DB: Database,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    for<'r> Option<String>: Decode<'r, DB>,
    usize: ColumnIndex<DB::Row>,
{
    /// The rows of a statement as texts.
    fn rows(&self, sql: String) -> BoxStream<'_, Result<Texts, SourceError>> {
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch(&self.pool);
        rows.map(|row| {
            let row = row?;
            let texts = (0..row.len()).map(|column| row.try_get_unchecked(column));
            Ok(texts.collect::<Result<Texts, sqlx::Error>>()?)
        })
        .boxed()
    }

    async fn first(&self, sql: &str) -> Result<Option<String>, SourceError> {
        let row = self.rows(sql.to_owned()).next().await.transpose()?;
        Ok(row.and_then(|texts| texts.into_iter().next().flatten()))
    }
}

impl<DB> PythonService for Reader<DB>
where
    DB: Database,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    for<'r> Option<String>: Decode<'r, DB>,
    usize: ColumnIndex<DB::Row>,
{
    fn check(&self) -> futures_util::future::BoxFuture<'_, Result<(), SourceError>> {
        Box::pin(async {
            match self.first(sql::OURS).await {
                Ok(Some(_)) => return Err(SourceError::Ours),
                // There is no such table.
                Ok(None) | Err(SourceError::Unreadable(sqlx::Error::Database(_))) => {}
                Err(error) => return Err(error),
            }
            match self.first(sql::REPEATED).await? {
                Some(count) if count.trim() != "0" => Err(SourceError::Repeated(count)),
                _ => Ok(()),
            }
        })
    }

    fn users(&self) -> BoxStream<'_, Result<FormerUser, SourceError>> {
        last_of_each(self.rows(self.text.users()))
            .map(|texts| Ok(FormerUser::read(texts?)))
            .boxed()
    }

    fn sessions(&self, now: DateTime<Utc>) -> BoxStream<'_, Result<FormerSession, SourceError>> {
        self.rows(self.text.sessions())
            .map(move |texts| Ok(FormerSession::read(texts?, now)))
            .boxed()
    }
}

/// The last of those rows that stand together and begin alike: a profile with its newest preferences.
fn last_of_each(
    rows: BoxStream<'_, Result<Texts, SourceError>>,
) -> BoxStream<'_, Result<Texts, SourceError>> {
    unfold((rows.peekable(), false), |(mut rows, failed)| async move {
        if failed {
            return None;
        }
        let mut row = match rows.next().await? {
            Ok(row) => row,
            Err(error) => return Some((Err(error), (rows, true))),
        };
        loop {
            let next = std::pin::Pin::new(&mut rows)
                .next_if(|next| matches!(next, Ok(next) if next.first() == row.first()));
            match next.await {
                Some(Ok(next)) => row = next,
                _ => return Some((Ok(row), (rows, false))),
            }
        }
    })
    .boxed()
}
