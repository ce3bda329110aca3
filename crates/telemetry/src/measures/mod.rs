//! Measures of what the service depends on: a handle for each, resolved once, so that to measure costs some atomic
//! additions and neither looks anything up nor allocates.

mod cache;
mod database;
mod http_client;
mod instruments;
mod key_set;
mod pools;
#[cfg(target_os = "linux")]
mod process;

pub use cache::CacheMeasures;
pub use database::DatabaseMeasures;
pub use http_client::{Call, HttpClientMeasures};
pub use instruments::{HTTP_BUCKETS, Instruments};
pub use key_set::KeySetMeasures;
pub use pools::PoolUsage;
