//! Names of databases, schemas and roles.

use std::fmt;

/// A name that needs no more than quotes on any engine: ASCII letters, digits, `_` and `-`, a letter or `_` first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

/// Why a name is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// It is empty, or longer than the engine keeps.
    #[error("must have 1 to {0} characters")]
    Length(usize),
    /// It begins with something else than a letter or `_`, or has a character that is not plain.
    #[error("must begin with a letter or `_` and have only ASCII letters, digits, `_` and `-`")]
    Characters,
    /// It is the server's own.
    #[error("is a name that the server keeps for itself")]
    Reserved,
}

/// Names that servers keep for themselves, in lower case.
const RESERVED: [&str; 11] = [
    "public",
    "none",
    "current_user",
    "session_user",
    "template0",
    "template1",
    "mysql",
    "sys",
    "information_schema",
    "performance_schema",
    "root",
];

impl Name {
    /// Reads a name of at most so many bytes.
    pub fn parse(text: &str, longest: usize) -> Result<Self, BadName> {
        if text.is_empty() || text.len() > longest {
            return Err(BadName::Length(longest));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !first || !text.chars().all(plain) {
            return Err(BadName::Characters);
        }
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("pg_") || RESERVED.contains(&lower.as_str()) {
            return Err(BadName::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_taken() {
        let of = |text: &str| Name::parse(text, 63);
        for good in ["users", "user_service", "_x", "Tenant-42", "select"] {
            assert_eq!(of(good).unwrap().as_str(), good);
        }
        for bad in [
            "1a", "-a", "a b", "a\"b", "a`b", "a'b", "a;b", "a\0b", "a%", "é", "a.b", "a\\b",
        ] {
            assert_eq!(of(bad), Err(BadName::Characters), "{bad:?}");
        }
        for bad in ["pg_users", "PG_x", "public", "Root", "mysql"] {
            assert_eq!(of(bad), Err(BadName::Reserved), "{bad}");
        }
        assert_eq!(of(""), Err(BadName::Length(63)));
        assert_eq!(of(&"a".repeat(64)), Err(BadName::Length(63)));
        assert!(of(&"a".repeat(63)).is_ok());
    }
}
