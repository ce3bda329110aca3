//! Use cases of sessions.

mod activity;
mod count_sessions;
mod drop_addresses;
mod gate;
mod list_sessions;
mod prune_sessions;
mod revoke_session;
mod revoke_sessions;
mod start_session;

pub use activity::{ActivityRecorder, FlushActivity};
pub use count_sessions::CountSessions;
pub use drop_addresses::DropAddresses;
pub use gate::{Client, SessionGate, Tracking};
pub use list_sessions::{ListSessions, SessionList};
pub use prune_sessions::{PruneSessions, Pruned};
pub use revoke_session::{RevokeSession, Which};
pub use revoke_sessions::RevokeSessions;
pub use start_session::{NewSession, SessionReceipt, StartSession, Started, StartsFor};
