//! Time that a test decides.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use user_service_domain::clock::Clock;

use crate::build::epoch;

/// A clock that stands still until it is told otherwise.
#[derive(Debug)]
pub struct FixedClock(Mutex<DateTime<Utc>>);

impl FixedClock {
    /// Stands at this moment, in whole microseconds.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now.trunc_subsecs(6)))
    }

    /// Moves to this moment, in whole microseconds.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now.trunc_subsecs(6);
    }

    /// Moves by this much; a negative step goes back.
    pub fn advance(&self, by: TimeDelta) {
        let now = self.now();
        self.set(now + by);
    }
}

impl Default for FixedClock {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self::at(epoch())
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_moves_only_when_told_and_by_whole_microseconds() {
        let clock = FixedClock::default();
        assert_eq!(clock.now(), epoch());
        clock.advance(TimeDelta::nanoseconds(1_999));
        assert_eq!(clock.now(), epoch() + TimeDelta::microseconds(1));
        clock.set(epoch());
        assert_eq!(clock.now(), epoch());
    }
}
