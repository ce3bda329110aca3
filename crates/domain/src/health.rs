//! How what the service depends on is.

use async_trait::async_trait;

use crate::store::Source;

/// Something outside of the process that may be away.
#[async_trait]
pub trait Dependency: Send + Sync {
    /// A short name in snake case, the same for every replica: `redis`, `auth_service`.
    fn name(&self) -> &'static str;

    /// Whether the service can do nothing useful without it.
    fn is_essential(&self) -> bool;

    /// Whether it answers. MUST end within a second.
    async fn check(&self) -> Result<(), Source>;
}
