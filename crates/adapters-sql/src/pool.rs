//! The settings of a pool.

use std::time::Duration;

use user_service_telemetry::DatabaseMeasures;

/// The settings of a pool of connections.
#[derive(Clone, Debug)]
pub struct PoolOptions {
    /// The most connections.
    pub max_connections: u32,
    /// How long a caller waits for a connection.
    pub acquire_timeout: Duration,
    /// How long the server works on one statement, where it can be told.
    pub statement_timeout: Duration,
    /// Measures statements.
    pub measures: DatabaseMeasures,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            max_connections: 10,
            acquire_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(5),
            measures: DatabaseMeasures::default(),
        }
    }
}
