//! Who waits for a connection, and for how long.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For so long it counts how long the last one waited.
const LATELY: Duration = Duration::from_secs(1);

/// Those who wait for a connection of a pool. While those who get one have waited for half of what anybody waits at
/// most, whoever comes is turned away at once: most of them would have waited in vain, and those before them longer.
#[derive(Debug)]
pub(crate) struct Queue {
    waiting: AtomicUsize,
    /// Those among them who need a connection of the pool itself.
    units: AtomicUsize,
    begun: Instant,
    /// How long the last one waited, in microseconds, and when that was, in microseconds since the beginning.
    waited: AtomicU64,
    told_at: AtomicU64,
    /// What the last one got.
    outcome: Mutex<Outcome>,
    enough: Duration,
}

/// What became of the one who waited last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A connection.
    Served,
    /// None: the server may be away.
    Failed,
}

impl Outcome {
    /// Of this result.
    pub(crate) fn of<T, E>(result: &Result<T, E>) -> Self {
        if result.is_ok() {
            Self::Served
        } else {
            Self::Failed
        }
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A connection for one statement: whoever is done with one can hand it over.
    Statement,
    /// A connection of the pool itself, for a unit of work.
    Unit,
}

/// Somebody waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    queue: Arc<Queue>,
    wish: Wish,
    since: Instant,
    outcome: Option<Outcome>,
}

impl Queue {
    /// In which nobody waits longer than this.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            waiting: AtomicUsize::new(0),
            units: AtomicUsize::new(0),
            begun: Instant::now(),
            waited: AtomicU64::new(0),
            told_at: AtomicU64::new(0),
            outcome: Mutex::new(Outcome::Served),
            enough: patience / 2,
        }
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
    }

    /// Whether anybody waits for a connection of the pool itself.
    pub(crate) fn holds_units(&self) -> bool {
        self.units.load(Ordering::Acquire) > 0
    }

    /// A place at its end, or what those before found who waited too long.
    pub(crate) fn enter(self: &Arc<Self>, wish: Wish) -> Result<Waiting, Outcome> {
        let before = self.waiting.fetch_add(1, Ordering::AcqRel);
        if wish == Wish::Unit {
            self.units.fetch_add(1, Ordering::AcqRel);
        }
        let waiting = Waiting {
            queue: Arc::clone(self),
            wish,
            since: Instant::now(),
            outcome: None,
        };
        if before > 0 && self.is_long() {
            return Err(*self.outcome.lock().unwrap_or_else(PoisonError::into_inner));
        }
        Ok(waiting)
    }

    fn is_long(&self) -> bool {
        let waited = Duration::from_micros(self.waited.load(Ordering::Relaxed));
        let told_at = Duration::from_micros(self.told_at.load(Ordering::Relaxed));
        waited >= self.enough && self.begun.elapsed().saturating_sub(told_at) < LATELY
    }
}

impl Waiting {
    /// It is over.
    pub(crate) fn ends(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let queue = &self.queue;
        queue.waiting.fetch_sub(1, Ordering::AcqRel);
        if self.wish == Wish::Unit {
            queue.units.fetch_sub(1, Ordering::AcqRel);
        }
        // Who gave up tells nothing.
        let Some(outcome) = self.outcome else { return };
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        *queue.outcome.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
        queue
            .waited
            .store(micros(self.since.elapsed()), Ordering::Relaxed);
        queue
            .told_at
            .store(micros(queue.begun.elapsed()), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(patience: u64) -> Arc<Queue> {
        Arc::new(Queue::new(Duration::from_millis(patience)))
    }

    #[test]
    fn who_comes_to_a_short_queue_waits() {
        let queue = queue(10_000);
        let first = queue.enter(Wish::Statement).unwrap();
        first.ends(Outcome::Served);
        let _waiting: Vec<_> = (0..1000)
            .map(|_| queue.enter(Wish::Statement).unwrap())
            .collect();
        assert_eq!(queue.len(), 1000);
    }

    #[test]
    fn while_the_queue_is_long_others_are_turned_away() {
        for outcome in [Outcome::Served, Outcome::Failed] {
            let queue = queue(20);
            let [first, second] = [
                queue.enter(Wish::Statement).unwrap(),
                queue.enter(Wish::Statement).unwrap(),
            ];
            std::thread::sleep(Duration::from_millis(15));
            first.ends(outcome);
            assert_eq!(queue.enter(Wish::Statement).unwrap_err(), outcome);
            drop(second);
            // Nobody waits any more: it is tried again.
            assert_eq!(queue.len(), 0);
            assert!(queue.enter(Wish::Statement).is_ok());
        }
    }
}
