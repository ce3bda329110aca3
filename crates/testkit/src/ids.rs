//! Identifiers that a test can foresee.

use std::sync::atomic::{AtomicU64, Ordering};

use user_service_domain::ids::IdGenerator;
use uuid::{Builder, Uuid};

/// 2026-01-01T00:00:00Z in milliseconds.
const FIRST_MILLISECOND: u64 = 1_767_225_600_000;

/// The `n`th `UUIDv7` of a series; series do not meet.
pub(crate) fn nth(series: u8, n: u64) -> Uuid {
    let mut rest = [0; 10];
    rest[9] = series;
    Builder::from_unix_timestamp_millis(FIRST_MILLISECOND + n, &rest).into_uuid()
}

/// Makes the same growing `UUIDv7`s in each run.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl SequentialIds {
    /// Starts the series.
    pub fn new() -> Self {
        Self::default()
    }
}

impl IdGenerator for SequentialIds {
    fn next(&self) -> Uuid {
        nth(0, self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_foreseeable_grow_and_are_of_version_7() {
        let (ids, again) = (SequentialIds::new(), SequentialIds::new());
        let (first, second) = (ids.next(), ids.next());
        assert_eq!((first, second), (again.next(), again.next()));
        assert!(first < second);
        assert_eq!(first.get_version_num(), 7);
    }
}
