//! Failures on demand.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use user_service_domain::store::StoreError;

/// A failure that the store's user has to live with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// [`StoreError::Unavailable`]
    Unavailable,
    /// [`StoreError::Stale`]
    Stale,
}

/// The failures to come, first first.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<VecDeque<Option<FaultKind>>>);

impl Faults {
    /// A failure after so many calls that go well.
    pub(super) fn push(&self, after: usize, fault: FaultKind) {
        let mut due = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        due.extend(std::iter::repeat_n(None, after));
        due.push_back(Some(fault));
    }

    /// Fails when a failure is due.
    pub(super) fn strike(&self) -> Result<(), StoreError> {
        let due = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
            .flatten();
        match due {
            None => Ok(()),
            Some(FaultKind::Stale) => Err(StoreError::Stale),
            Some(FaultKind::Unavailable) => Err(StoreError::Unavailable(
                "the test asked for this failure".into(),
            )),
        }
    }
}
