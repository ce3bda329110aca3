//! Identifiers: one type each, so that one cannot be passed for another.

use std::fmt;

use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID.
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID within.
            pub const fn get(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }
    };
}

id! {
    /// A profile, as paths name it.
    ProfileId
}
id! {
    /// A person in the Auth Service: the `sub` of their tokens.
    UserId
}
id! {
    /// A set of preferences.
    PreferencesId
}
id! {
    /// A session, as paths name it.
    SessionId
}
id! {
    /// The files of one upload; it tells the time of the upload.
    AvatarId
}

/// Makes identifiers.
pub trait IdGenerator: Send + Sync {
    /// A new identifier. MUST be a `UUIDv7` (RFC 9562 section 5.7), so that keys grow with time.
    fn next(&self) -> Uuid;
}
