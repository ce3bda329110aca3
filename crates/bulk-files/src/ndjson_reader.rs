//! Lines of NDJSON.

use std::io::{BufRead, BufReader, Read};

use sha2::{Digest, Sha256};
use user_service_domain::bulk::{MemberFault, UserRecord};
use user_service_domain::fault::{Fault, FaultCode};

use crate::reader::ReadError;
use crate::{MAX_LINE, json};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(crate) struct NdjsonReader<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    too_long: bool,
    number: u64,
    offset: u64,
}

impl<R: Read> NdjsonReader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input: BufReader::with_capacity(64 * 1024, input),
            line: Vec::new(),
            too_long: false,
            number: 0,
            offset: 0,
        }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Goes on to the next line that is not blank; its number.
    pub(crate) fn advance(&mut self, hash: &mut Sha256) -> Result<Option<u64>, ReadError> {
        while self.read_line(hash)? {
            if self.too_long || !self.line.trim_ascii().is_empty() {
                return Ok(Some(self.number));
            }
        }
        Ok(None)
    }

    pub(crate) fn parse(&self) -> Result<UserRecord, Vec<MemberFault>> {
        if self.too_long {
            return Err(vec![MemberFault::new("", too_long())]);
        }
        json::parse(&self.line)
    }

    /// Reads a line, or as much of it as is kept. Answers whether there was one.
    fn read_line(&mut self, hash: &mut Sha256) -> Result<bool, ReadError> {
        self.line.clear();
        self.too_long = false;
        let mut began = false;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |end| end + 1);
            let read = buffer.get(..used).unwrap_or_default();
            hash.update(read);
            self.too_long |= self.line.len() + used > MAX_LINE + 1;
            if !self.too_long {
                self.line.extend_from_slice(read);
            }
            self.input.consume(used);
            self.offset += u64::try_from(used).unwrap_or_default();
            began = true;
            if end.is_some() {
                break;
            }
        }
        self.number += u64::from(began);
        if self.number == 1 && self.line.starts_with(BYTE_ORDER_MARK) {
            self.line.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(began)
    }
}

/// The fault of a line that is too long.
pub(crate) fn too_long() -> Fault {
    Fault::new(
        FaultCode::LineTooLong,
        format!("must have at most {MAX_LINE} bytes"),
    )
}
