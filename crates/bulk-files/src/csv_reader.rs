//! Rows of CSV.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};
use sha2::{Digest, Sha256};
use user_service_domain::bulk::{MemberFault, UserRecord};

use crate::csv_cells::{COLUMNS, Column, object};
use crate::json;
use crate::reader::ReadError;
use crate::tee::{READ_AHEAD, Tee, TooLong};

pub(crate) struct CsvReader<R> {
    rows: Reader<Tee<R>>,
    /// `None` until the first row was read.
    header: Option<Vec<&'static Column>>,
    row: ByteRecord,
    /// The number of the row's first line.
    line: u64,
    offset: u64,
}

impl<R: Read> CsvReader<R> {
    pub(crate) fn new(input: R) -> Self {
        let rows = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(READ_AHEAD)
            .from_reader(Tee::new(input));
        Self {
            rows,
            header: None,
            row: ByteRecord::new(),
            line: 0,
            offset: 0,
        }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes on to the next row, past the header; the number of its first line.
    pub(crate) fn advance(&mut self, hash: &mut Sha256) -> Result<Option<u64>, ReadError> {
        if self.header.is_none() {
            if !self.read_row(hash)? {
                return Err(ReadError::Header("there is none".to_owned()));
            }
            self.header = Some(header(&self.row)?);
        }
        if !self.read_row(hash)? {
            return Ok(None);
        }
        Ok(Some(self.line))
    }

    pub(crate) fn parse(&self) -> Result<UserRecord, Vec<MemberFault>> {
        let header = self.header.as_deref().unwrap_or_default();
        json::user(object(header, &self.row)?)
    }

    fn read_row(&mut self, hash: &mut Sha256) -> Result<bool, ReadError> {
        let line = self.rows.position().line();
        let there = match self.rows.read_byte_record(&mut self.row) {
            Ok(there) => there,
            Err(error) => return Err(failure(error, line)),
        };
        let end = self.rows.position().byte();
        let used = usize::try_from(end.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let raw = self.rows.get_mut().take(used);
        hash.update(raw);
        // Blank lines before the row are passed over with it.
        let blank = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        self.line = line + blank.map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.offset = end;
        Ok(there)
    }
}

fn failure(error: csv::Error, line: u64) -> ReadError {
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => match cause.get_ref() {
            Some(inner) if inner.is::<TooLong>() => ReadError::RowTooLong(line),
            _ => ReadError::Io(cause),
        },
        // Neither are lengths of rows compared, nor are cells decoded.
        _ => ReadError::Io(std::io::ErrorKind::InvalidData.into()),
    }
}

/// The columns that the header names. What it says is not repeated: where there is none, it is somebody's row.
fn header(row: &ByteRecord) -> Result<Vec<&'static Column>, ReadError> {
    let mut header: Vec<&'static Column> = Vec::with_capacity(row.len());
    for (number, title) in row.iter().enumerate() {
        let title = std::str::from_utf8(title).unwrap_or_default().trim();
        let number = number + 1;
        let column = COLUMNS.iter().find(|column| column.title() == title);
        let column = column
            .ok_or_else(|| ReadError::Header(format!("column {number} is none that a user has")))?;
        if header.iter().any(|known| known.title() == title) {
            return Err(ReadError::Header(format!("column {number} is there twice")));
        }
        header.push(column);
    }
    if header.iter().all(|column| column.title() != "user_id") {
        return Err(ReadError::Header("there is no column user_id".to_owned()));
    }
    Ok(header)
}
