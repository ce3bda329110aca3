//! Markup and scripts, as documents and hidden in pictures.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What no picture holds. The short ones turn up by chance in megabytes of packed pixels, so more is asked of
/// those.
const NEEDLES: [(&str, Proof); 9] = [
    ("<script", Proof::Itself),
    ("<!doctype", Proof::Itself),
    ("<iframe", Proof::Itself),
    ("<object", Proof::Itself),
    ("<foreignobject", Proof::Itself),
    ("<?php", Proof::Space),
    ("<html", Proof::Tag),
    ("<body", Proof::Tag),
    ("<svg", Proof::Tag),
];

#[derive(Clone, Copy)]
enum Proof {
    /// It is long enough not to turn up by chance.
    Itself,
    /// White space follows.
    Space,
    /// It is the beginning of a whole tag: only text up to its end.
    Tag,
}

/// How far a tag may go, in bytes.
const LONGEST_TAG: usize = 4096;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(NEEDLES.map(|(needle, _)| needle))
        .ok()
});

/// Whether there is active markup anywhere in it, whatever its case.
pub(crate) fn is_in(bytes: &[u8]) -> bool {
    FINDER.as_ref().is_none_or(|finder| {
        finder.find_iter(bytes).any(|found| {
            let rest = bytes.get(found.end()..).unwrap_or_default();
            match NEEDLES
                .get(found.pattern().as_usize())
                .map(|(_, proof)| *proof)
            {
                Some(Proof::Space) => rest.first().is_none_or(u8::is_ascii_whitespace),
                Some(Proof::Tag) => begins_tag(rest),
                Some(Proof::Itself) | None => true,
            }
        })
    })
}

/// Whether this is what follows the name of a tag, up to its end.
fn begins_tag(rest: &[u8]) -> bool {
    let delimited = rest
        .first()
        .is_none_or(|byte| byte.is_ascii_whitespace() || b">/:".contains(byte));
    let rest = rest.get(..LONGEST_TAG).unwrap_or(rest);
    let end = rest
        .iter()
        .position(|byte| *byte == b'>')
        .unwrap_or(rest.len());
    let is_text =
        |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace() || *byte >= 0x80;
    delimited && rest.get(..end).is_some_and(|tag| tag.iter().all(is_text))
}

/// The media type, where the whole file is markup.
pub(crate) fn document(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = text.trim_ascii_start();
    let head = text.get(..LONGEST_TAG).unwrap_or(text).to_ascii_lowercase();
    if !head.starts_with(b"<") {
        return None;
    }
    let holds = |needle: &[u8]| memchr::memmem::find(&head, needle).is_some();
    if holds(b"<html") || holds(b"<!doctype html") {
        Some("text/html")
    } else if holds(b"<svg") || holds(b":svg") || holds(b"<!doctype svg") {
        Some("image/svg+xml")
    } else if holds(b"<?xml") {
        Some("text/xml")
    } else if holds(b"<?php") {
        Some("text/x-php")
    } else {
        None
    }
}
