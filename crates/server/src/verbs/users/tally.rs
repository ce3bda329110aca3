//! What became of how many.

use std::fmt;

use serde::{Deserialize, Serialize};
use user_service_application::bulk::Outcome;

/// Counts of outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) unchanged: u64,
    pub(super) rejected: u64,
}

impl Tally {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Rejected(_) => &mut self.rejected,
        } += 1;
    }

    pub(super) fn total(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.rejected
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "created: {}", self.created)?;
        writeln!(f, "updated: {}", self.updated)?;
        writeln!(f, "unchanged: {}", self.unchanged)?;
        write!(f, "rejected: {}", self.rejected)
    }
}
