//! What a file is made of.

use std::path::Path;

/// A format of bulk files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A JSON object on each line (<https://github.com/ndjson/ndjson-spec>).
    Ndjson,
    /// A header and a row for each user (RFC 4180).
    Csv,
}

impl Format {
    /// As command lines and checkpoints spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    /// The format of this spelling.
    pub fn named(text: &str) -> Option<Self> {
        [Self::Ndjson, Self::Csv]
            .into_iter()
            .find(|format| format.as_str() == text)
    }

    /// By the end of a file's name: `.csv`, `.ndjson`, `.jsonl` or `.json`.
    pub fn of_path(path: &Path) -> Option<Self> {
        let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
        match suffix.as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" | "json" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_tells_the_format() {
        for (path, format) in [
            ("a/users.csv", Some(Format::Csv)),
            ("users.NDJSON", Some(Format::Ndjson)),
            ("users.jsonl", Some(Format::Ndjson)),
            ("users", None),
            ("users.csv.gz", None),
        ] {
            assert_eq!(Format::of_path(Path::new(path)), format, "{path}");
        }
        assert_eq!(Format::named("csv"), Some(Format::Csv));
        assert_eq!(Format::named("CSV"), None);
    }
}
