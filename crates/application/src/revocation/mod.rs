//! How revocations become known everywhere.

mod announce;
mod follow;
mod list_revocations;
mod prune_revocations;
mod watch;

pub use announce::Announcer;
pub use follow::FollowRevocations;
pub use list_revocations::{ListRevocations, RevocationPage};
pub use prune_revocations::PruneRevocations;
pub(crate) use watch::Mark;
pub use watch::RevocationWatch;
