//! Reads and checks lines in a thread of their own, ahead of the database by no more than a few batches.

use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

use anyhow::Context;
use tokio::sync::mpsc;
use user_service_application::bulk::ImportUsers;
use user_service_bulk_files::{Entry, Format, Mark, ReadError, UserReader};

use super::is_standard;

/// How many batches wait.
const AHEAD: usize = 2;

/// Of how many bytes a batch is at most, but for its last line.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;

/// Some lines, and how far the file was read with them.
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    pub(super) mark: Mark,
}

/// The lines of a file in batches; the last one is empty.
pub(super) struct Input {
    batches: mpsc::Receiver<Result<Batch, ReadError>>,
    /// The size of the file, where it has one.
    pub(super) size: Option<u64>,
}

impl Input {
    /// Of this file, past what was read before.
    pub(super) fn start(path: &Path, format: Format, past: Option<Mark>) -> anyhow::Result<Self> {
        let (size, input): (_, Box<dyn Read + Send>) = if is_standard(path) {
            (None, Box::new(stdin()))
        } else {
            let open = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
            let (metadata, file) =
                open.with_context(|| format!("{} cannot be read", path.display()))?;
            (metadata.is_file().then_some(metadata.len()), Box::new(file))
        };
        let (sender, batches) = mpsc::channel(AHEAD);
        // Nobody waits for this thread: it may stand before a terminal when the program ends.
        std::thread::spawn(move || read(UserReader::new(format, input), past, &sender));
        Ok(Self { batches, size })
    }

    /// The next batch.
    pub(super) async fn next(&mut self) -> anyhow::Result<Batch> {
        let batch = self.batches.recv().await;
        Ok(batch.context("the input ended before its end")??)
    }
}

fn read(
    mut reader: UserReader<Box<dyn Read + Send>>,
    past: Option<Mark>,
    to: &mpsc::Sender<Result<Batch, ReadError>>,
) {
    let mut offset = 0;
    if let Some(past) = past {
        if let Err(error) = reader.skip_to(&past) {
            to.blocking_send(Err(error)).ok();
            return;
        }
        offset = past.offset;
    }
    loop {
        let batch = batch(&mut reader, offset);
        let is_last = batch.as_ref().is_ok_and(|batch| batch.entries.is_empty());
        offset = batch.as_ref().map_or(offset, |batch| batch.mark.offset);
        let failed = batch.is_err();
        if to.blocking_send(batch).is_err() || failed || is_last {
            return;
        }
    }
}

fn batch<R: Read>(reader: &mut UserReader<R>, from: u64) -> Result<Batch, ReadError> {
    let mut entries = Vec::with_capacity(ImportUsers::BATCH);
    while entries.len() < ImportUsers::BATCH && reader.offset() - from < BATCH_BYTES {
        match reader.read()? {
            Some(entry) => entries.push(entry),
            None => break,
        }
    }
    Ok(Batch {
        entries,
        mark: reader.mark(),
    })
}
