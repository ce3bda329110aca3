#![doc = include_str!("../README.md")]

mod avatar_files;
mod avatar_store;
mod clock;
mod devices;
mod ids;
mod profile_cache;
mod replay_cache;
mod replicated_store;
mod revocation_bus;
mod session_cache;

pub use avatar_store::LocalAvatarStore;
pub use clock::SystemClock;
pub use devices::UserAgentDevices;
pub use ids::UuidV7;
pub use profile_cache::ProfileCachingStore;
pub use replay_cache::MemoryReplayCache;
pub use replicated_store::ReplicatedStore;
pub use revocation_bus::LocalRevocationBus;
pub use session_cache::MemorySessionCache;
