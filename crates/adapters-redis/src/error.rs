//! What can go wrong, without a word of what was asked: no address, no password, no key.

use std::error::Error as _;
use std::io;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Why no pool was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The URL is none of those that are understood.
    #[error("not a Redis URL: {0}")]
    Url(&'static str),
    /// Braces in it would put the keys of a person into different slots.
    #[error("the prefix of keys must not hold braces")]
    Prefix,
    /// Connections are kept by a runtime, and there is none.
    #[error("there is no runtime to keep connections to Redis in")]
    Runtime,
}

/// Why a command was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// Not in time.
    #[error("Redis did not answer in time")]
    Slow,
    /// Not asked: the breaker is open.
    #[error("Redis is left alone for a moment, as it did not answer before")]
    Resting,
    /// No connection, or the end of one.
    #[error("there is no connection to Redis: {0}")]
    Lost(io::ErrorKind),
    /// The credentials are wrong.
    #[error("Redis refused the credentials")]
    Credentials,
    /// An error in place of an answer, by its code.
    #[error("Redis answered with the error {0}")]
    Refused(String),
    /// An answer that makes no sense.
    #[error("Redis answered something that cannot be read")]
    Unreadable,
}

impl Trouble {
    /// Whether the connection is of no use any more.
    pub(crate) fn ends_connection(&self) -> bool {
        match self {
            Self::Lost(_) | Self::Credentials | Self::Unreadable => true,
            // The master was made a replica: another one is master now.
            Self::Refused(code) => code == "READONLY",
            Self::Slow | Self::Resting => false,
        }
    }
}

impl From<RedisError> for Trouble {
    fn from(error: RedisError) -> Self {
        if error.is_timeout() {
            return Self::Slow;
        }
        match error.kind() {
            ErrorKind::AuthenticationFailed | ErrorKind::Server(ServerErrorKind::NoPerm) => {
                Self::Credentials
            }
            ErrorKind::Server(_) | ErrorKind::Extension => match code(&error) {
                "NOAUTH" => Self::Credentials,
                code => Self::Refused(code.to_owned()),
            },
            ErrorKind::Parse | ErrorKind::UnexpectedReturnType => Self::Unreadable,
            _ => Self::Lost(
                error
                    .source()
                    .and_then(|source| source.downcast_ref::<io::Error>())
                    .map_or(io::ErrorKind::NotConnected, io::Error::kind),
            ),
        }
    }
}

/// The first word of an error of the server, where it looks like a code.
fn code(error: &RedisError) -> &str {
    error
        .code()
        .filter(|code| code.len() <= 16 && code.bytes().all(|byte| byte.is_ascii_uppercase()))
        .unwrap_or("ERR")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_asked_is_in_the_text() {
        let secret = "hunter2 at 10.0.0.7";
        for error in [
            RedisError::from((ErrorKind::AuthenticationFailed, "no", secret.to_owned())),
            RedisError::from((ErrorKind::Extension, "no", secret.to_owned())),
            RedisError::from((ErrorKind::Client, "no", secret.to_owned())),
            RedisError::from(io::Error::new(io::ErrorKind::ConnectionRefused, secret)),
            RedisError::from(io::Error::new(io::ErrorKind::TimedOut, secret)),
        ] {
            let trouble = Trouble::from(error);
            let text = format!("{trouble} {trouble:?}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_late_answer_keeps_the_connection() {
        let late = RedisError::from(io::Error::from(io::ErrorKind::TimedOut));
        assert_eq!(Trouble::from(late), Trouble::Slow);
        assert!(!Trouble::Slow.ends_connection());
        assert!(Trouble::Refused("READONLY".to_owned()).ends_connection());
    }
}
