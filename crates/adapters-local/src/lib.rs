#![doc = include_str!("../README.md")]

mod avatar_files;
mod avatar_store;
mod clock;
mod devices;
mod ids;
mod replay_cache;
mod revocation_bus;
mod session_cache;

pub use avatar_store::LocalAvatarStore;
pub use clock::SystemClock;
pub use devices::UserAgentDevices;
pub use ids::UuidV7;
pub use replay_cache::MemoryReplayCache;
pub use revocation_bus::LocalRevocationBus;
pub use session_cache::MemorySessionCache;
