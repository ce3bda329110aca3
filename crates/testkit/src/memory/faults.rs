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
pub(super) struct Faults(Mutex<VecDeque<FaultKind>>);

impl Faults {
    pub(super) fn push(&self, fault: FaultKind) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(fault);
    }

    /// Fails when a failure is due.
    pub(super) fn strike(&self) -> Result<(), StoreError> {
        let due = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        match due {
            None => Ok(()),
            Some(FaultKind::Stale) => Err(StoreError::Stale),
            Some(FaultKind::Unavailable) => Err(StoreError::Unavailable(
                "the test asked for this failure".into(),
            )),
        }
    }
}
