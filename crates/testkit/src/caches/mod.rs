//! The promises of the caches' ports, one case each, and the one list of them: [`cache_conformance!`].
//!
//! Cases do not mind what others left behind: each makes people, profiles and keys of its own.
//!
//! [`cache_conformance!`]: crate::cache_conformance

pub mod notices;
pub mod replays;
pub mod sessions;
mod stamp;

use std::sync::Arc;
use std::time::Duration;

use user_service_domain::idempotency::ReplayCache;
use user_service_domain::revocation::RevocationBus;
use user_service_domain::session::SessionCache;

use crate::FixedClock;

/// The caches under test.
#[derive(Clone)]
pub struct Caches {
    /// Its time to live is [`Caches::SESSION_TTL`].
    pub sessions: Arc<dyn SessionCache>,
    /// Shared by every process that would be a replica.
    pub bus: Arc<dyn RevocationBus>,
    /// Its time to live is [`Caches::REPLAY_TTL`].
    pub replays: Arc<dyn ReplayCache>,
    /// The clock that both caches were given.
    pub clock: Arc<FixedClock>,
}

impl Caches {
    /// How long verdicts are kept.
    pub const SESSION_TTL: Duration = Duration::from_mins(1);
    /// How long responses are kept.
    pub const REPLAY_TTL: Duration = Duration::from_mins(10);
}
