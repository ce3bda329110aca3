#![doc = include_str!("../README.md")]

mod measures;
pub mod trace;

pub use measures::{
    CacheMeasures, Call, DatabaseMeasures, HTTP_BUCKETS, HttpClientMeasures, Instruments,
    KeySetMeasures, PoolUsage,
};
pub use prometheus::{Error as MetricsError, Registry};
