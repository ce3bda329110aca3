//! How far an import is, in a file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use user_service_bulk_files::{Format, Mark};

use super::private_file;
use super::tally::Tally;

/// Why an import cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum CheckpointError {
    /// There is one of an import that did not end.
    #[error(
        "{0} tells of an import that did not end: go on with --resume, or remove it to start again"
    )]
    Unfinished(PathBuf),
    /// It is spoilt.
    #[error("{0} is no checkpoint; remove it to start again")]
    Unreadable(PathBuf),
    /// The format is another than it was.
    #[error("the import began as {0}; give the same --format")]
    OtherFormat(&'static str),
    /// There is no place for it.
    #[error("--resume of standard input needs --checkpoint FILE")]
    Nowhere,
}

/// How far an import is. All before `offset` is kept; what comes after it may be kept, too, and is then found unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkpoint {
    /// The form of this file.
    version: u32,
    format: String,
    offset: u64,
    /// Of the file up to there.
    sha256: String,
    rejects_bytes: u64,
    tally: Tally,
}

impl Checkpoint {
    const VERSION: u32 = 1;

    pub(super) fn new(format: Format, mark: Mark, rejects_bytes: u64, tally: Tally) -> Self {
        Self {
            version: Self::VERSION,
            format: format.as_str().to_owned(),
            offset: mark.offset,
            sha256: mark.sha256,
            rejects_bytes,
            tally,
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            offset: self.offset,
            sha256: self.sha256.clone(),
        }
    }

    pub(super) fn rejects_bytes(&self) -> u64 {
        self.rejects_bytes
    }

    pub(super) fn tally(&self) -> Tally {
        self.tally
    }

    /// Refuses another format than it was.
    pub(super) fn check(&self, format: Format) -> Result<(), CheckpointError> {
        match Format::named(&self.format) {
            Some(began) if began != format => Err(CheckpointError::OtherFormat(began.as_str())),
            _ => Ok(()),
        }
    }
}

/// The file of a checkpoint.
pub(super) struct CheckpointFile(PathBuf);

impl CheckpointFile {
    /// Where it is said, else beside the input.
    pub(super) fn of(said: Option<&Path>, input: &Path) -> Self {
        let beside = || with_suffix(input, ".checkpoint");
        Self(said.map_or_else(beside, Path::to_path_buf))
    }

    /// What is in it; `None` where it is not there.
    pub(super) async fn read(&self) -> anyhow::Result<Option<Checkpoint>> {
        let bytes = match tokio::fs::read(&self.0).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        match serde_json::from_slice::<Checkpoint>(&bytes) {
            Ok(checkpoint) if checkpoint.version == Checkpoint::VERSION => Ok(Some(checkpoint)),
            Ok(_) | Err(_) => Err(CheckpointError::Unreadable(self.0.clone()).into()),
        }
    }

    /// Refuses where there is one.
    pub(super) async fn must_be_new(&self) -> anyhow::Result<()> {
        if tokio::fs::try_exists(&self.0).await? {
            return Err(CheckpointError::Unfinished(self.0.clone()).into());
        }
        Ok(())
    }

    /// Replaces it at once: a reader sees the old one or the new one.
    pub(super) async fn write(&self, checkpoint: &Checkpoint) -> anyhow::Result<()> {
        let new = with_suffix(&self.0, ".new");
        let mut file = private_file::open(&new, false).await?;
        file.write_all(&serde_json::to_vec(checkpoint)?).await?;
        file.flush().await?;
        tokio::fs::rename(&new, &self.0).await?;
        Ok(())
    }

    /// Takes it away: the import ended.
    pub(super) async fn remove(&self) -> anyhow::Result<()> {
        match tokio::fs::remove_file(&self.0).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let mark = Mark {
            offset: 7,
            sha256: "ab".to_owned(),
        };
        let tally = Tally {
            created: 3,
            ..Tally::default()
        };
        Checkpoint::new(Format::Csv, mark, 5, tally)
    }

    #[tokio::test]
    async fn a_checkpoint_is_read_as_it_was_written() {
        let home = tempfile::tempdir().unwrap();
        let file = CheckpointFile::of(None, &home.path().join("users.csv"));
        assert_eq!(file.read().await.unwrap(), None);
        file.must_be_new().await.unwrap();
        file.write(&checkpoint()).await.unwrap();
        file.write(&checkpoint()).await.unwrap();
        assert_eq!(file.read().await.unwrap(), Some(checkpoint()));
        assert!(file.must_be_new().await.is_err());
        assert!(home.path().join("users.csv.checkpoint").exists());
        file.remove().await.unwrap();
        file.remove().await.unwrap();
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn what_is_no_checkpoint_is_not_taken_for_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("c");
        let file = CheckpointFile::of(Some(&path), Path::new("-"));
        for text in ["", "{}", r#"{"version":2}"#] {
            std::fs::write(&path, text).unwrap();
            let error = file.read().await.unwrap_err();
            assert!(error.is::<CheckpointError>(), "{text}");
        }
        assert!(checkpoint().check(Format::Csv).is_ok());
        assert!(checkpoint().check(Format::Ndjson).is_err());
    }
}
