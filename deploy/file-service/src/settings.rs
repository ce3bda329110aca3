//! What the service is told.

use std::fmt;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

/// The shortest token, in characters.
const MIN_TOKEN: usize = 16;

/// The service cannot run like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongSettings {
    /// The token is too short to be a secret.
    #[error("the token must have at least {MIN_TOKEN} characters")]
    Token,
    /// No file could be kept.
    #[error("the size of files must be above 0")]
    MaxSize,
}

/// How to serve.
#[derive(Clone)]
pub struct Settings {
    pub(crate) directory: PathBuf,
    token: String,
    pub(crate) max_size: usize,
}

impl Settings {
    /// The usual longest file, in bytes: 16 MiB.
    pub const MAX_SIZE: usize = 16 << 20;

    /// Keeps files of at most `max_size` bytes below `directory`, for those who know the token.
    pub fn new(directory: PathBuf, token: String, max_size: usize) -> Result<Self, WrongSettings> {
        if token.chars().count() < MIN_TOKEN {
            return Err(WrongSettings::Token);
        }
        if max_size == 0 {
            return Err(WrongSettings::MaxSize);
        }
        Ok(Self {
            directory,
            token,
            max_size,
        })
    }

    pub(crate) fn token_digest(&self) -> [u8; 32] {
        Sha256::digest(&self.token).into()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("directory", &self.directory)
            .field("max_size", &self.max_size)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_token_is_refused_and_no_token_is_shown() {
        let with = |token: &str| Settings::new("d".into(), token.to_owned(), 1);
        assert_eq!(with("fifteen-letters").unwrap_err(), WrongSettings::Token);
        let good = with("sixteen-hunter22").unwrap();
        assert!(!format!("{good:?}").contains("hunter"));
    }
}
