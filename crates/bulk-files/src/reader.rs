//! Reads users from a file.

use std::io::{self, Read};

use sha2::{Digest, Sha256};
use user_service_domain::bulk::{MemberFault, UserRecord};

use crate::Format;
use crate::csv_reader::CsvReader;
use crate::hex::hex;
use crate::ndjson_reader::NdjsonReader;

/// A line of a file.
#[derive(Debug)]
pub struct Entry {
    /// The number of its first line, from 1.
    pub line: u64,
    /// What it says, or every fault of it.
    pub record: Result<UserRecord, Vec<MemberFault>>,
}

/// How far a file was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// In bytes.
    pub offset: u64,
    /// SHA-256 of all that was read, in hexadecimal.
    pub sha256: String,
}

/// Why a file cannot be read any further.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not there any more, or the like.
    #[error("the input cannot be read")]
    Io(#[from] io::Error),
    /// The header of a CSV file is at fault.
    #[error("the header is at fault: {0}")]
    Header(String),
    /// Where the next row begins is not known.
    #[error("the row at line {0} is too long; is there a quotation mark too few?")]
    RowTooLong(u64),
    /// What stands before the mark is not what was read then.
    #[error("the input is not the one that was read before")]
    Changed,
}

/// Reads users line by line. Memory is bounded by [`crate::MAX_LINE`].
pub struct UserReader<R> {
    lines: Lines<R>,
    hash: Sha256,
}

enum Lines<R> {
    Ndjson(NdjsonReader<R>),
    Csv(Box<CsvReader<R>>),
}

impl<R: Read> UserReader<R> {
    /// Of this format, from the start.
    pub fn new(format: Format, input: R) -> Self {
        Self {
            lines: match format {
                Format::Ndjson => Lines::Ndjson(NdjsonReader::new(input)),
                Format::Csv => Lines::Csv(Box::new(CsvReader::new(input))),
            },
            hash: Sha256::new(),
        }
    }

    /// Passes over what was read before `mark` was taken.
    pub fn skip_to(&mut self, mark: &Mark) -> Result<(), ReadError> {
        while self.offset() < mark.offset && self.advance()?.is_some() {}
        if self.mark() == *mark {
            Ok(())
        } else {
            Err(ReadError::Changed)
        }
    }

    /// The next line that says anything; `None` at the end.
    pub fn read(&mut self) -> Result<Option<Entry>, ReadError> {
        let Some(line) = self.advance()? else {
            return Ok(None);
        };
        let record = match &self.lines {
            Lines::Ndjson(lines) => lines.parse(),
            Lines::Csv(rows) => rows.parse(),
        };
        Ok(Some(Entry { line, record }))
    }

    /// How far it has read: to the end of the last line.
    pub fn mark(&self) -> Mark {
        let digest = self.hash.clone().finalize();
        Mark {
            offset: self.offset(),
            sha256: hex(&digest),
        }
    }

    /// How far it has read, in bytes.
    pub fn offset(&self) -> u64 {
        match &self.lines {
            Lines::Ndjson(lines) => lines.offset(),
            Lines::Csv(rows) => rows.offset(),
        }
    }

    fn advance(&mut self) -> Result<Option<u64>, ReadError> {
        match &mut self.lines {
            Lines::Ndjson(lines) => lines.advance(&mut self.hash),
            Lines::Csv(rows) => rows.advance(&mut self.hash),
        }
    }
}
