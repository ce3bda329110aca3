//! What follows the end of a picture.

use infer::MatcherType;

/// How archives, documents and programs begin; the list of `infer` is longer, but asks for whole headers.
const BEGINNINGS: [&[u8]; 8] = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"%PDF-",
    b"\x7fELF",
    b"MZ",
    b"#!",
    b"Rar!",
    b"7z\xbc\xaf",
];

/// Whether it is more than what cameras leave there: an archive, a document, a program.
pub(crate) fn is_foreign(trailer: &[u8]) -> bool {
    let trailer = trim(trailer);
    let known = BEGINNINGS.iter().any(|magic| trailer.starts_with(magic));
    known
        || infer::get(trailer).is_some_and(|kind| match kind.matcher_type() {
            MatcherType::App
            | MatcherType::Archive
            | MatcherType::Book
            | MatcherType::Doc
            | MatcherType::Text => true,
            // Motion photos, their sound, gain maps and previews.
            MatcherType::Audio
            | MatcherType::Image
            | MatcherType::Video
            | MatcherType::Font
            | MatcherType::Custom => false,
        })
}

/// Whether a ZIP archive ends where the file ends (APPNOTE 4.3.16): its readers look from there.
pub(crate) fn ends_as_archive(bytes: &[u8]) -> bool {
    const END_RECORD: usize = 22;
    const LONGEST_COMMENT: usize = 0xffff;
    let from = bytes.len().saturating_sub(END_RECORD + LONGEST_COMMENT);
    let tail = bytes.get(from..).unwrap_or_default();
    memchr::memmem::find_iter(tail, b"PK\x05\x06").any(|at| {
        let record = tail.get(at..).unwrap_or_default();
        let comment = match record.get(20..END_RECORD) {
            Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
            _ => return false,
        };
        record.len() == END_RECORD + comment
    })
}

fn trim(trailer: &[u8]) -> &[u8] {
    let start = trailer.iter().position(|byte| *byte != 0);
    start
        .and_then(|start| trailer.get(start..))
        .unwrap_or_default()
}
