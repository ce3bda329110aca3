//! What a list asks for.

use chrono::{DateTime, Utc};

use crate::ids::{ProfileId, UserId};
use crate::profile::Profile;

/// Which profiles; members that are set must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProfileFilter {
    /// Active ones, or inactive ones.
    pub is_active: Option<bool>,
    /// Verified ones, or others.
    pub is_verified: Option<bool>,
    /// The one of this person.
    pub user_id: Option<UserId>,
    /// These alone; an empty list matches none.
    pub ids: Option<Vec<ProfileId>>,
    /// Made after this moment, not at it.
    pub created_after: Option<DateTime<Utc>>,
    /// Made before this moment, not at it.
    pub created_before: Option<DateTime<Utc>>,
}

/// What a list is ordered by; ties are broken by id in the same direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortBy {
    /// The time of making.
    CreatedAt,
    /// The folded name, byte by byte ([`Profile::name_key`]).
    DisplayName,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileOrder {
    /// By what.
    pub by: SortBy,
    /// Greatest first.
    pub descending: bool,
}

impl Default for ProfileOrder {
    /// Newest first.
    fn default() -> Self {
        Self {
            by: SortBy::CreatedAt,
            descending: true,
        }
    }
}

impl ProfileOrder {
    /// Where this profile stands in the order.
    pub fn keyset(self, profile: &Profile) -> Keyset {
        let value = match self.by {
            SortBy::CreatedAt => KeyValue::Time(profile.created_at),
            SortBy::DisplayName => KeyValue::Text(profile.name_key()),
        };
        Keyset {
            value,
            id: profile.id,
        }
    }
}

/// The value of a sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyValue {
    /// For [`SortBy::CreatedAt`].
    Time(DateTime<Utc>),
    /// For [`SortBy::DisplayName`].
    Text(String),
}

/// A place in an order: a sort key and the id that breaks its ties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyset {
    /// The sort key.
    pub value: KeyValue,
    /// The tie-breaker.
    pub id: ProfileId,
}

/// Where a page starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// After this many rows.
    Offset(u32),
    /// After this place; costs the same however deep it is.
    After(Keyset),
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileQuery {
    /// Which profiles.
    pub filter: ProfileFilter,
    /// In which order.
    pub order: ProfileOrder,
    /// From where.
    pub position: Position,
    /// How many at most.
    pub limit: u32,
}
