//! The names of files. What passes here is safe to be a path.

use std::path::{Path, PathBuf};

/// The longest key, in bytes.
pub(crate) const MAX_KEY: usize = 512;

/// The longest part of a key between slashes, in bytes.
const MAX_PART: usize = 200;

/// The most parts of a key.
pub(crate) const MAX_PARTS: usize = 8;

/// The name of a file: one to eight parts of lower-case letters, digits, `.`, `_` and `-`, with `/` between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(String);

impl Key {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parts = text.split('/').count();
        (text.len() <= MAX_KEY && parts <= MAX_PARTS && text.split('/').all(is_part))
            .then(|| Self(text.to_owned()))
    }

    pub(crate) fn below(&self, root: &Path) -> PathBuf {
        root.join(&self.0)
    }

    /// What it most likely is, by its end.
    pub(crate) fn media_type(&self) -> &'static str {
        match self.0.rsplit_once('.').map(|(_, end)| end) {
            Some("webp") => "image/webp",
            Some("jpeg" | "jpg") => "image/jpeg",
            Some("png") => "image/png",
            _ => "application/octet-stream",
        }
    }
}

/// What the keys in a folder begin with: empty for all keys, else a key with `/` at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefix(String);

impl Prefix {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = text.is_empty()
            || text
                .strip_suffix('/')
                .is_some_and(|key| Key::parse(key).is_some());
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn below(&self, root: &Path) -> PathBuf {
        match self.0.strip_suffix('/') {
            Some(folder) => root.join(folder),
            None => root.to_owned(),
        }
    }
}

pub(crate) fn is_part(text: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    !matches!(text, "" | "." | "..") && text.len() <= MAX_PART && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_leads_out_of_its_directory() {
        for bad in [
            "",
            "/",
            ".",
            "..",
            "a/..",
            "../a",
            "a/../b",
            "a/./b",
            "/a",
            "a/",
            "a//b",
            "A",
            "a b",
            "a\\b",
            "a%2fb",
            "a\0",
            "é",
            "c:",
            "~",
            "1/2/3/4/5/6/7/8/9",
            &"a".repeat(201),
            &["a".repeat(100).as_str(); 6].join("/"),
        ] {
            assert_eq!(Key::parse(bad), None, "{bad}");
        }
        for good in ["a", "...", "a/b.c/d-e_f", "1/2/3/4/5/6/7/8", "-"] {
            assert!(Key::parse(good).is_some(), "{good}");
            assert!(Prefix::parse(&format!("{good}/")).is_some(), "{good}");
            assert!(Prefix::parse(good).is_none(), "{good}");
        }
        assert!(Prefix::parse("").is_some());
        assert!(Prefix::parse("/").is_none());
    }
}
