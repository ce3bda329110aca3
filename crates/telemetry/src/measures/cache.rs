//! Questions to a cache.

use prometheus::IntCounter;

/// Counts the questions to one cache. By default it counts nothing.
#[derive(Clone, Debug, Default)]
pub struct CacheMeasures(Option<Counters>);

#[derive(Clone, Debug)]
struct Counters {
    hits: IntCounter,
    misses: IntCounter,
}

impl CacheMeasures {
    pub(super) fn new(hits: IntCounter, misses: IntCounter) -> Self {
        Self(Some(Counters { hits, misses }))
    }

    /// It knew the answer.
    pub fn hit(&self) {
        if let Some(counters) = &self.0 {
            counters.hits.inc();
        }
    }

    /// It did not.
    pub fn miss(&self) {
        if let Some(counters) = &self.0 {
            counters.misses.inc();
        }
    }

    /// Either.
    pub fn asked(&self, known: bool) {
        if known { self.hit() } else { self.miss() }
    }
}
