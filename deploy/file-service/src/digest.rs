//! `Content-Digest` (RFC 9530).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sha(pub(crate) [u8; 32]);

impl Sha {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The value of the field.
    pub(crate) fn field(self) -> String {
        format!("sha-256=:{}:", STANDARD.encode(self.0))
    }

    /// The value of an `ETag`.
    pub(crate) fn etag(self) -> String {
        format!("\"{}\"", STANDARD.encode(self.0))
    }

    /// The one of SHA-256 among the digests of a field.
    pub(crate) fn parse(field: &str) -> Option<Self> {
        let text = field.split(',').find_map(|member| {
            let (name, value) = member.trim().split_once('=')?;
            (name == "sha-256").then_some(value)
        })?;
        let base64 = text.strip_prefix(':')?.strip_suffix(':')?;
        let bytes = STANDARD.decode(base64).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_found_among_others() {
        let sha = Sha::of(b"{\"hello\": \"world\"}\n");
        // RFC 9530 appendix A.
        assert_eq!(
            sha.field(),
            "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
        );
        for text in [
            sha.field(),
            format!("sha-512=:AAAA:, {}", sha.field()),
            format!("{},unixsum=30637", sha.field()),
        ] {
            assert_eq!(Sha::parse(&text), Some(sha), "{text}");
        }
        for text in [
            "",
            "sha-256",
            "sha-256=",
            "sha-256=::",
            "sha-256=:AAAA:",
            "SHA-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
            "sha-256=RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=",
            "sha-512=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
        ] {
            assert_eq!(Sha::parse(text), None, "{text}");
        }
    }
}
