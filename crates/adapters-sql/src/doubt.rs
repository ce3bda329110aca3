//! Whether the connections of a pool may be worth nothing although nobody closed them.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::pool::PoolOptions;

/// How long there is doubt after its cause.
const LASTS: Duration = Duration::from_mins(1);

/// How much longer than the server a caller waits for an answer.
const GRACE: Duration = Duration::from_secs(1);

/// How long a connection that is in doubt may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// How old a connection to a server that only reads has to be for another one to be tried in its place.
const SETTLED: Duration = Duration::from_secs(2);

/// Doubt about the connections of one pool. A server that is frozen or was cut off closes no connection, and one that
/// became a standby goes on to serve those it had. Without doubt a connection that comes back to the pool is tested by
/// the pool, which waits for ever; with it, also here ([`Doubt::dispelled`]).
#[derive(Clone, Debug)]
pub struct Doubt(Arc<Causes>);

#[derive(Debug)]
struct Causes {
    /// How long one statement may go without an answer; `None` means any time.
    limit: Option<Duration>,
    /// The same for what the server has nothing to do for: to get a connection and begin.
    limit_of_begin: Option<Duration>,
    born: Instant,
    /// Until when a server may be silent, in milliseconds since `born`.
    silent: AtomicU64,
    /// Until when a server may refuse to write, in milliseconds since `born`.
    read_only: AtomicU64,
    /// Somebody got no answer in time, and those who keep connections were not told yet.
    news: AtomicBool,
}

/// Raises doubt unless it is told that all went well: also where the work is dropped before its end.
struct Unanswered<'a>(Option<&'a Doubt>);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(doubt) = self.0 {
            doubt.raise(&doubt.0.silent);
        }
    }
}

impl Doubt {
    /// None yet about a server that keeps the timeouts of these options by itself: it gets a moment more.
    pub fn about_a_server(options: &PoolOptions) -> Self {
        let longest = options.statement_timeout.max(options.acquire_timeout);
        Self::with_limits(Some(longest + GRACE), Some(options.acquire_timeout + GRACE))
    }

    /// None about what runs in this process.
    pub fn none() -> Self {
        Self::with_limits(None, None)
    }

    fn with_limits(limit: Option<Duration>, limit_of_begin: Option<Duration>) -> Self {
        Self(Arc::new(Causes {
            limit,
            limit_of_begin,
            born: Instant::now(),
            silent: AtomicU64::new(0),
            read_only: AtomicU64::new(0),
            news: AtomicBool::new(false),
        }))
    }

    /// The server refused to write.
    pub(crate) fn refused_to_write(&self) {
        self.raise(&self.0.read_only);
    }

    /// Waits for the answer to one statement, but not for ever: `None` is none in time. That, and to be given up
    /// while it waits, raises doubt before the connection goes back.
    pub(crate) async fn in_time<T>(&self, statement: impl Future<Output = T>) -> Option<T> {
        self.within(self.0.limit, statement).await
    }

    /// [`Self::in_time`] for a connection and the begin of a transaction on it.
    pub(crate) async fn begun_in_time<T>(&self, begin: impl Future<Output = T>) -> Option<T> {
        self.within(self.0.limit_of_begin, begin).await
    }

    async fn within<T>(&self, limit: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
        let Some(limit) = limit else {
            return Some(work.await);
        };
        // Dropped in the opposite order: first there is doubt, then the connection goes back.
        let mut work = pin!(work);
        let mut unanswered = Unanswered(Some(self));
        let done = timeout(limit, work.as_mut()).await.ok();
        if done.is_some() {
            unanswered.0 = None;
        } else {
            self.0.news.store(true, Ordering::Release);
        }
        done
    }

    /// Whether somebody waited for an answer in vain since this was asked last: connections that lie idle are then of
    /// no use either, as they are mostly lost together.
    pub(crate) fn is_news(&self) -> bool {
        self.0.news.load(Ordering::Relaxed) && self.0.news.swap(false, Ordering::AcqRel)
    }

    /// Whether there is any.
    pub fn is_there(&self) -> bool {
        self.is(&self.0.silent) || self.is(&self.0.read_only)
    }

    /// Whether a connection that comes back, so old, may be used again. `may_write` asks the server whether it takes
    /// writes, and is only asked where there is doubt.
    pub async fn dispelled(
        &self,
        age: Duration,
        may_write: impl Future<Output = Result<bool, sqlx::Error>>,
    ) -> Result<bool, sqlx::Error> {
        let (silent, read_only) = (self.is(&self.0.silent), self.is(&self.0.read_only));
        if !silent && !read_only {
            return Ok(true);
        }
        match timeout(PATIENCE, may_write).await {
            Ok(may_write) => Ok(may_write? || !read_only || age < SETTLED),
            Err(_) => Err(no_answer()),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn raise(&self, cause: &AtomicU64) {
        let until = self
            .now()
            .saturating_add(u64::try_from(LASTS.as_millis()).unwrap_or(u64::MAX));
        cause.store(until, Ordering::Release);
    }

    fn is(&self, cause: &AtomicU64) -> bool {
        self.now() < cause.load(Ordering::Acquire)
    }
}

/// What comes of waiting too long.
pub(crate) fn no_answer() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn asked(doubt: &Doubt, age: Duration, may_write: bool) -> Option<bool> {
        let mut asked = false;
        let ask = async {
            asked = true;
            Ok(may_write)
        };
        let kept = doubt.dispelled(age, ask).await.unwrap();
        asked.then_some(kept)
    }

    #[tokio::test]
    async fn nobody_is_asked_without_doubt() {
        let doubt = Doubt::with_limits(Some(PATIENCE), None);
        assert_eq!(doubt.in_time(async { 1 }).await, Some(1));
        assert_eq!(asked(&doubt, SETTLED, false).await, None);
    }

    #[tokio::test]
    async fn what_takes_too_long_or_is_given_up_raises_doubt() {
        let moment = Duration::from_millis(1);
        let never = std::future::pending::<()>;
        let late = Doubt::with_limits(Some(moment), None);
        assert_eq!(late.in_time(never()).await, None);
        assert_eq!(asked(&late, SETTLED, false).await, Some(true));
        assert!(late.is_news());
        assert!(!late.is_news());
        let dropped = Doubt::with_limits(Some(Duration::from_mins(1)), None);
        assert!(timeout(moment, dropped.in_time(never())).await.is_err());
        assert_eq!(asked(&dropped, SETTLED, true).await, Some(true));
        assert!(!dropped.is_news());
    }

    #[tokio::test]
    async fn a_silent_connection_is_not_waited_for() {
        let doubt = Doubt::with_limits(None, None);
        doubt.raise(&doubt.0.silent);
        assert!(
            doubt
                .dispelled(SETTLED, std::future::pending())
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn only_writers_are_kept_once_a_write_was_refused() {
        let doubt = Doubt::with_limits(None, None);
        doubt.refused_to_write();
        assert_eq!(asked(&doubt, SETTLED, true).await, Some(true));
        assert_eq!(asked(&doubt, SETTLED, false).await, Some(false));
        // Another one would be no better yet.
        assert_eq!(asked(&doubt, Duration::ZERO, false).await, Some(true));
    }
}
