//! What all caches share.

use crate::store::Source;

/// A cache did not answer, or not in time. It is never the source of truth: the store is asked instead.
#[derive(Debug, thiserror::Error)]
#[error("the cache is unavailable")]
pub struct CacheError(#[source] pub Source);
