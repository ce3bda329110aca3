//! Profiles: who a person says they are.

mod fields;
mod model;
mod ports;
mod query;
mod search;

pub(crate) use fields::is_http_url;
pub use fields::{Bio, DisplayName, Location, PhoneNumber, Website};
pub use model::{Account, Profile, ProfilePatch};
pub use ports::{ProfileKey, ProfileReader, ProfileSearch, Profiles, SearchIndex};
pub use query::{KeyValue, Keyset, Position, ProfileFilter, ProfileOrder, ProfileQuery, SortBy};
pub use search::{
    Counted, ProfileSearchQuery, Rank, SearchPage, SearchPlace, SearchStart, Searched,
};
