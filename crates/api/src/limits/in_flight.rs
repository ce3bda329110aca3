//! How many requests are worked on at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts requests in this process, up to a limit.
#[derive(Clone, Debug)]
pub(crate) struct InFlight {
    limit: usize,
    now: Arc<AtomicUsize>,
}

/// A place among those that are worked on, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<AtomicUsize>);

impl InFlight {
    /// So many at most.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            now: Arc::default(),
        }
    }

    /// A place, if there is one.
    pub(crate) fn place(&self) -> Option<Place> {
        let place = Place(Arc::clone(&self.now));
        let before = self.now.fetch_add(1, Ordering::Relaxed);
        (before < self.limit).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_it_is_given_back() {
        let requests = InFlight::new(2);
        let first = requests.place().unwrap();
        let _second = requests.place().unwrap();
        assert!(requests.place().is_none());
        assert!(requests.place().is_none());
        drop(first);
        assert!(requests.place().is_some());
    }
}
