//! Where things are, for those who read of them.

use user_service_domain::avatar::Avatar;
use user_service_domain::ids::ProfileId;

/// Makes URLs of this service: references from the root of the server, or whole URLs where they lead out of it.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    /// Where the server is for others, without a slash at the end; empty where nobody said.
    public_url: String,
    /// The base path of the API.
    prefix: String,
}

impl Links {
    pub(crate) fn new(public_url: Option<&str>, prefix: &str) -> Self {
        Self {
            public_url: public_url
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned(),
            prefix: prefix.to_owned(),
        }
    }

    /// A profile, from the root of the server.
    pub(crate) fn profile(&self, id: ProfileId) -> String {
        format!("{}/users/{id}", self.prefix)
    }

    /// The very pictures that a profile has now; with another version it is the pictures of the day.
    pub(crate) fn avatar(&self, id: ProfileId, avatar: &Avatar) -> String {
        let path = self.profile(id);
        format!("{}{path}/avatar?v={}", self.public_url, avatar.digest)
    }
}
