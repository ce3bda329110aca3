//! Time, as a port.

use chrono::{DateTime, Utc};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment in UTC. MUST be whole microseconds: the finest step that all engines keep.
    fn now(&self) -> DateTime<Utc>;
}
