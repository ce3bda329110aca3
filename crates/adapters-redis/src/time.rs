//! Moments and how long it is until then.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// No key lives longer than ten years.
const LONGEST: Duration = Duration::from_hours(10 * 366 * 24);

/// As Redis wants it: whole milliseconds, rounded up, at least one.
pub(crate) fn milliseconds(lasts: Duration) -> u64 {
    let lasts = lasts.min(LONGEST).as_nanos().div_ceil(1_000_000).max(1);
    u64::try_from(lasts).unwrap_or(u64::MAX)
}

/// The moment that is so far after another.
pub(crate) fn after(moment: DateTime<Utc>, lasts: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(lasts)
        .ok()
        .and_then(|lasts| moment.checked_add_signed(lasts))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lives_at_least_a_millisecond_and_at_most_ten_years() {
        assert_eq!(milliseconds(Duration::ZERO), 1);
        assert_eq!(milliseconds(Duration::from_micros(1001)), 2);
        assert_eq!(milliseconds(Duration::MAX), 316_224_000_000);
    }

    #[test]
    fn time_does_not_overflow() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        assert_eq!(after(now, Duration::MAX), DateTime::<Utc>::MAX_UTC);
        assert_eq!(after(now, Duration::from_secs(1)).timestamp(), 1);
    }
}
