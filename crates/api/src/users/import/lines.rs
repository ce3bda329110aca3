//! Cuts a body into lines as it comes.

use std::collections::VecDeque;

use user_service_bulk_files::{MAX_LINE, json};
use user_service_domain::bulk::{MemberFault, UserRecord};
use user_service_domain::fault::{Fault, FaultCode};

/// A line that says something.
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    /// What it says, or every fault of it.
    pub(super) record: Result<UserRecord, Vec<MemberFault>>,
}

/// Lines that came and were not taken yet, and the beginning of another.
#[derive(Default)]
pub(super) struct Lines {
    whole: VecDeque<(usize, Line)>,
    bytes: usize,
    part: Vec<u8>,
    /// The line that is coming is longer than a line may be: its rest is passed over.
    too_long: bool,
    number: u64,
}

impl Lines {
    pub(super) fn count(&self) -> usize {
        self.whole.len()
    }

    /// Of the whole lines.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// More of the body.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.too_long |= self.part.len() + piece.len() > MAX_LINE + 1;
            if !self.too_long {
                self.part.extend_from_slice(piece);
            }
            if piece.ends_with(b"\n") {
                self.finish_line();
            }
        }
    }

    /// The body ended; its last line needs no end.
    pub(super) fn end(&mut self) {
        if !self.part.is_empty() || self.too_long {
            self.finish_line();
        }
    }

    /// The first lines, so many at most.
    pub(super) fn take(&mut self, most: usize) -> Vec<Line> {
        let taken = self.whole.drain(..most.min(self.whole.len()));
        taken
            .map(|(bytes, line)| {
                self.bytes -= bytes;
                line
            })
            .collect()
    }

    fn finish_line(&mut self) {
        self.number += 1;
        let part = std::mem::take(&mut self.part);
        let too_long = std::mem::take(&mut self.too_long);
        if !too_long && part.trim_ascii().is_empty() {
            return;
        }
        let record = if too_long {
            let message = format!("must have at most {MAX_LINE} bytes");
            let fault = Fault::new(FaultCode::LineTooLong, message);
            Err(vec![MemberFault::new("", fault)])
        } else {
            json::parse(&part)
        };
        self.bytes += part.len();
        let number = self.number;
        self.whole.push_back((part.len(), Line { number, record }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = r#"{"user_id":"01900000-0000-7000-8000-000000000001"}"#;

    fn verdicts(lines: &mut Lines) -> Vec<(u64, bool)> {
        let taken = lines.take(usize::MAX);
        taken
            .into_iter()
            .map(|line| (line.number, line.record.is_ok()))
            .collect()
    }

    #[test]
    fn lines_are_the_same_however_they_come() {
        let body = format!("{USER}\r\n\n[]\n  \n{USER}");
        for size in [1, 2, 7, 1000] {
            let mut lines = Lines::default();
            for chunk in body.as_bytes().chunks(size) {
                lines.push(chunk);
            }
            lines.end();
            assert_eq!(
                verdicts(&mut lines),
                [(1, true), (3, false), (5, true)],
                "{size}"
            );
            assert_eq!((lines.count(), lines.bytes()), (0, 0));
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_not_kept() {
        let mut lines = Lines::default();
        for _ in 0..MAX_LINE {
            lines.push(b"xxxx");
            assert!(lines.part.len() <= MAX_LINE + 1);
        }
        lines.push(format!("\n{USER}\n").as_bytes());
        lines.end();
        assert_eq!(verdicts(&mut lines), [(1, false), (2, true)]);
    }
}
