//! What tells one session from another.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::fault::{Fault, FaultCode};
use crate::text::{at_most, no_controls};

/// SHA-256 of a session token: all that is ever kept of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenDigest(pub [u8; 32]);

impl TokenDigest {
    /// The digest of a `sid` or `jti`.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

impl fmt::Display for TokenDigest {
    /// 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

/// The name by which an Auth Service knows a session: the `sid` of its tokens, else their `jti`.
/// At most 255 characters. It opens nothing by itself, and is kept as a [`TokenDigest`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionToken(TokenDigest);

impl SessionToken {
    /// The longest token, in characters.
    pub const MAX: usize = 255;

    /// Faults: `blank`, `too_long`, `control_character`, `bidi_control`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        no_controls(text, false)?;
        at_most(text, Self::MAX)?;
        if text.trim().is_empty() {
            return Err(Fault::new(FaultCode::Blank, "must not be blank"));
        }
        Ok(Self(TokenDigest::of(text)))
    }

    /// Its digest.
    pub const fn digest(self) -> TokenDigest {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256_in_hexadecimal() {
        assert_eq!(
            TokenDigest::of("abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_digest_does_not_show_in_logs() {
        assert_eq!(format!("{:?}", TokenDigest::of("abc")), "TokenDigest(…)");
    }

    #[test]
    fn a_token_has_1_to_255_characters() {
        assert!(SessionToken::parse(&"é".repeat(255)).is_ok());
        for (bad, code) in [("", "blank"), (" ", "blank"), ("a\nb", "control_character")] {
            assert_eq!(
                SessionToken::parse(bad).unwrap_err().code.as_str(),
                code,
                "{bad:?}"
            );
        }
        let fault = SessionToken::parse(&"é".repeat(256)).unwrap_err();
        assert_eq!(fault.code.as_str(), "too_long");
    }
}
