//! Identifiers that grow with time.

use user_service_domain::ids::IdGenerator;
use uuid::Uuid;

/// Makes `UUIDv7` (RFC 9562 section 5.7).
#[derive(Clone, Copy, Debug, Default)]
pub struct UuidV7;

impl IdGenerator for UuidV7 {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that makes them"
    )]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}
