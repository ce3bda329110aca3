//! What goes wrong for administrators and operators. No text holds a password.

use std::borrow::Cow;
use std::io;

use sqlx::error::DatabaseError;

/// Why a connection did not come about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Nothing answers there.
    #[error("no server answers there ({0})")]
    Unreachable(io::ErrorKind),
    /// The server is there, and takes nobody now: starting, stopping, full.
    #[error("the server takes no connections now")]
    Busy,
    /// The server does not know the name with this password, or not from here.
    #[error("the server refuses this name and password")]
    Credentials,
    /// The database is not there, or not for this account.
    #[error("there is no such database, or not for this account")]
    NoDatabase,
    /// TLS failed: a certificate, a name, or the server has none.
    #[error("no encrypted connection came about")]
    Tls,
    /// Anything else; the code that the engine gave, or none.
    #[error("the connection failed (code {0})")]
    Other(String),
}

impl ConnectError {
    /// What an error of the driver means; `sort` knows the engine's codes.
    pub fn of(error: &sqlx::Error, sort: fn(&dyn DatabaseError) -> Option<Self>) -> Self {
        match error {
            // What rustls does not accept: a certificate of nobody known, of another name, out of its time.
            sqlx::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Self::Tls,
            sqlx::Error::Io(error) => Self::Unreachable(error.kind()),
            sqlx::Error::PoolTimedOut => Self::Unreachable(io::ErrorKind::TimedOut),
            sqlx::Error::Tls(_) => Self::Tls,
            sqlx::Error::Database(error) => sort(&**error).unwrap_or_else(|| {
                Self::Other(error.code().map_or("none".into(), Cow::into_owned))
            }),
            _ => Self::Other("none".to_owned()),
        }
    }
}

/// Why something was not set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// No connection came about: whose, and why.
    #[error("{0}: {1}")]
    Connect(String, ConnectError),
    /// What is there is not touched: what it is, and what to do about it.
    #[error("{0}")]
    Refused(String),
    /// The server refused a statement: as it may be seen, and the server's words.
    #[error("{0}: {1}")]
    Statement(String, String),
}
