//! Remembers the bytes that a reader has read ahead of where it stands.

use std::io::{self, Read};

use crate::MAX_LINE;

/// How far a CSV reader reads ahead.
pub(crate) const READ_AHEAD: usize = 64 * 1024;

/// A row does not end.
#[derive(Debug, thiserror::Error)]
#[error("a row is too long")]
pub(crate) struct TooLong;

/// Passes reads on and keeps what was read until it is taken: no more than a line and what is read ahead.
pub(crate) struct Tee<R> {
    input: R,
    kept: Vec<u8>,
    taken: usize,
}

impl<R> Tee<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input,
            kept: Vec::new(),
            taken: 0,
        }
    }

    /// The next so many bytes of those that were read.
    pub(crate) fn take(&mut self, count: usize) -> &[u8] {
        let end = self.taken.saturating_add(count).min(self.kept.len());
        let taken = self.kept.get(self.taken..end).unwrap_or_default();
        self.taken = end;
        taken
    }
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.kept.drain(..self.taken);
        self.taken = 0;
        if self.kept.len() > MAX_LINE + READ_AHEAD {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TooLong));
        }
        let count = self.input.read(buffer)?;
        self.kept.extend(buffer.iter().take(count));
        Ok(count)
    }
}
