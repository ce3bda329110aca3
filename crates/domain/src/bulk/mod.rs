//! Users by the million: what a line of a bulk file says, and accounts many at a time.

mod avatar_url;
mod ports;
mod record;

pub use avatar_url::parse_avatar_url;
pub use ports::{AccountChange, Accounts, SessionOf, StoredAccount, TakenIds};
pub use record::{MemberFault, PreferencesRecord, UserRecord};
