//! Where a picture is that a former service left.

use crate::fault::{Fault, FaultCode};
use crate::profile::is_http_url;
use crate::text::{at_most, no_controls};

/// The longest address, in characters.
const MAX: usize = 500;

/// An absolute `http` or `https` URL as [`crate::profile::Website`] takes it, or a path from the root of the server; at
/// most 500 characters. Faults: `too_long`, `not_a_url`.
pub fn parse_avatar_url(text: &str) -> Result<String, Fault> {
    at_most(text, MAX)?;
    let is_path = text.starts_with('/')
        && !text.starts_with("//")
        && !text
            .chars()
            .any(|c| c.is_whitespace() || "\\<>\"`".contains(c))
        && no_controls(text, false).is_ok();
    if is_path || is_http_url(text) {
        return Ok(text.to_owned());
    }
    Err(Fault::new(
        FaultCode::NotAUrl,
        "must be an absolute http or https URL, or a path that begins with one slash",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_at_a_url_or_a_path() {
        for good in ["https://cdn.example/a.webp?v=1", "/files/a.png", "/"] {
            assert_eq!(parse_avatar_url(good), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "a.png",
            "//evil.example/a",
            "javascript:alert(1)",
            "/a b",
            "/a\u{0}",
            "/a\\b",
        ] {
            assert_eq!(
                parse_avatar_url(bad).unwrap_err().code.as_str(),
                "not_a_url",
                "{bad:?}"
            );
        }
        let long = format!("/{}", "x".repeat(500));
        assert_eq!(
            parse_avatar_url(&long).unwrap_err().code.as_str(),
            "too_long"
        );
    }
}
