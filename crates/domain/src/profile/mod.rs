//! Profiles: who a person says they are.

mod fields;
mod model;
mod ports;
mod query;

pub use fields::{Bio, DisplayName, Location, PhoneNumber, Website};
pub use model::{Account, Profile, ProfilePatch};
pub use ports::{ProfileKey, ProfileReader, Profiles};
pub use query::{KeyValue, Keyset, Position, ProfileFilter, ProfileOrder, ProfileQuery, SortBy};
