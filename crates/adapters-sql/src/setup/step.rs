//! One statement of what is to be done.

use secrecy::{ExposeSecret, SecretString};

/// What stands for a password where people look.
const MASK: &str = "********";

/// Where a statement is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere on the server.
    Server,
    /// In the service's database.
    Database,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Step {
    place: Place,
    shown: String,
    run: SecretString,
}

impl Step {
    /// A statement without secrets.
    pub fn new(place: Place, sql: impl Into<String>) -> Self {
        let shown = sql.into();
        Self {
            place,
            run: shown.clone().into(),
            shown,
        }
    }

    /// A statement on the server that holds a secret: what to write for it, given the secret or its mask.
    pub fn with_secret(secret: &SecretString, sql: impl Fn(&str) -> String) -> Self {
        Self {
            place: Place::Server,
            shown: sql(MASK),
            run: sql(secret.expose_secret()).into(),
        }
    }

    /// Where it is run.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The statement as it may be seen.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The statement as it is run.
    pub fn sql(&self) -> &SecretString {
        &self.run
    }
}
