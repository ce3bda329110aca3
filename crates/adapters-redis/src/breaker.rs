//! Leaves a server alone that does not answer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many failures in a row open it.
const FAILURES: u32 = 5;
/// How long it stays open at least, and at most: replicas shall not come back in step.
const REST: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];
/// When a probe that told nothing, as its caller went away, is given up.
const PROBE_PATIENCE: Duration = Duration::from_secs(1);

/// How it stands.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Commands are let through; so many failed in a row.
    Closed(u32),
    /// Commands fail at once until then.
    Open(Instant),
    /// One command was let through at this moment, and its outcome decides.
    Probing(Instant),
}

/// What an outcome changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing.
    None,
    /// The server is left alone from now on.
    Opened,
    /// The server is asked again.
    Closed,
}

/// Counts failures. Closed it costs a lock that nobody holds for longer than a comparison.
#[derive(Debug)]
pub(crate) struct Breaker(Mutex<(State, bool)>);

impl Breaker {
    /// Closed; nothing was heard yet.
    pub(crate) fn new() -> Self {
        Self(Mutex::new((State::Closed(0), false)))
    }

    /// Whether a command may be sent now. After `true` the outcome MUST be told, or is given up.
    pub(crate) fn permits(&self) -> bool {
        self.with(|state, _| {
            let now = Instant::now();
            match *state {
                State::Closed(_) => true,
                State::Open(until) if now < until => false,
                State::Probing(since) if now < since + PROBE_PATIENCE => false,
                State::Open(_) | State::Probing(_) => {
                    *state = State::Probing(now);
                    true
                }
            }
        })
    }

    /// A command was answered.
    pub(crate) fn succeeded(&self) -> Change {
        self.with(|state, heard| {
            let was = std::mem::replace(state, State::Closed(0));
            *heard = true;
            if matches!(was, State::Closed(_)) {
                Change::None
            } else {
                Change::Closed
            }
        })
    }

    /// A command was not answered.
    pub(crate) fn failed(&self) -> Change {
        self.with(|state, _| match *state {
            State::Closed(failures) if failures + 1 < FAILURES => {
                *state = State::Closed(failures + 1);
                Change::None
            }
            State::Closed(_) => {
                *state = State::Open(Instant::now() + rest());
                Change::Opened
            }
            State::Probing(_) => {
                *state = State::Open(Instant::now() + rest());
                Change::None
            }
            State::Open(_) => Change::None,
        })
    }

    /// Whether the server answered at least once, and was not left alone since.
    pub(crate) fn is_up(&self) -> bool {
        self.with(|state, heard| *heard && matches!(state, State::Closed(_)))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State, &mut bool) -> T) -> T {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, heard) = &mut *guard;
        change(state, heard)
    }
}

fn rest() -> Duration {
    let [least, most] = REST;
    rand::random_range(least..=most)
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn open() -> Breaker {
        let breaker = Breaker::new();
        for _ in 1..FAILURES {
            assert!(breaker.permits());
            assert_eq!(breaker.failed(), Change::None);
        }
        assert_eq!(breaker.failed(), Change::Opened);
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn five_failures_in_a_row_open_it_for_one_to_two_seconds() {
        let breaker = open();
        assert!(!breaker.permits());
        advance(Duration::from_millis(999)).await;
        assert!(!breaker.permits());
        advance(Duration::from_millis(1001)).await;
        assert!(breaker.permits());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_between_failures_counts() {
        let breaker = Breaker::new();
        for _ in 0..3 {
            for _ in 1..FAILURES {
                assert_eq!(breaker.failed(), Change::None);
            }
            assert_eq!(breaker.succeeded(), Change::None);
        }
        assert!(breaker.permits());
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_decides() {
        let breaker = open();
        advance(REST[1]).await;
        assert!(breaker.permits());
        assert!(!breaker.permits(), "the probe is under way");
        assert_eq!(breaker.failed(), Change::None);
        assert!(!breaker.permits());
        advance(REST[1]).await;
        assert!(breaker.permits());
        assert_eq!(breaker.succeeded(), Change::Closed);
        assert!(breaker.permits());
        assert!(breaker.permits());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_whose_caller_went_away_is_given_up() {
        let breaker = open();
        advance(REST[1]).await;
        assert!(breaker.permits());
        advance(PROBE_PATIENCE).await;
        assert!(breaker.permits());
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_up_once_it_was_heard_and_while_it_is_closed() {
        let breaker = Breaker::new();
        assert!(!breaker.is_up());
        breaker.succeeded();
        assert!(breaker.is_up());
        for _ in 0..FAILURES {
            breaker.failed();
        }
        assert!(!breaker.is_up());
        breaker.succeeded();
        assert!(breaker.is_up());
    }
}
