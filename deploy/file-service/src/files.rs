//! Files below a directory. Everything here blocks.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::disk::{create_all, none_if_absent, prune, sync_dir, write_new};
use crate::key::{Key, Prefix};

/// How often a put is tried whose folder goes away meanwhile, as it is empty.
const ATTEMPTS: usize = 8;

/// What a put came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// The file is new.
    New,
    /// The same file was there.
    Same,
    /// Another file is there, or is where a folder would have to be.
    Other,
}

/// The files: `{directory}/files/{key}`. What is not complete is in `{directory}/parts`.
#[derive(Debug)]
pub(crate) struct Files {
    root: PathBuf,
    parts: PathBuf,
}

impl Files {
    /// Makes the directories, and clears up what a crash left. One process alone may use a directory.
    pub(crate) fn open(directory: &Path) -> io::Result<Self> {
        let (root, parts) = (directory.join("files"), directory.join("parts"));
        none_if_absent(fs::remove_dir_all(&parts))?;
        create_all(&root)?;
        create_all(&parts)?;
        Ok(Self { root, parts })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn part(&self) -> PathBuf {
        self.parts.join(Uuid::new_v4().as_simple().to_string())
    }

    /// Keeps a file, unless there is one of that key.
    pub(crate) fn put(&self, key: &Key, bytes: &[u8]) -> io::Result<Put> {
        let part = self.part();
        let outcome = write_new(&part, bytes)
            .and_then(|()| self.publish(&part, &key.below(&self.root), bytes));
        none_if_absent(fs::remove_file(&part))?;
        outcome
    }

    /// Gives a complete file its name. A link, unlike a rename, fails where there is a file already.
    fn publish(&self, part: &Path, path: &Path, bytes: &[u8]) -> io::Result<Put> {
        let folder = path.parent().unwrap_or(&self.root);
        let mut attempts = 1;
        loop {
            let linked = create_all(folder).and_then(|()| fs::hard_link(part, path));
            match linked {
                Ok(()) => {
                    sync_dir(folder)?;
                    return Ok(Put::New);
                }
                Err(error) => match error.kind() {
                    ErrorKind::AlreadyExists => match none_if_absent(fs::read(path))? {
                        Some(there) if there == bytes => {
                            // Whoever put it may not have come to this.
                            sync_dir(folder)?;
                            return Ok(Put::Same);
                        }
                        Some(_) => return Ok(Put::Other),
                        None if path.is_dir() => return Ok(Put::Other),
                        // Deleted meanwhile.
                        None if attempts < ATTEMPTS => (),
                        None => return Err(error),
                    },
                    ErrorKind::NotADirectory => return Ok(Put::Other),
                    // The folder was empty, and is gone.
                    ErrorKind::NotFound if attempts < ATTEMPTS => (),
                    _ => return Err(error),
                },
            }
            attempts += 1;
        }
    }

    pub(crate) fn get(&self, key: &Key) -> io::Result<Option<Vec<u8>>> {
        none_if_absent(fs::read(key.below(&self.root)))
    }

    pub(crate) fn delete(&self, key: &Key) -> io::Result<()> {
        let path = key.below(&self.root);
        if path.is_dir() {
            return Ok(());
        }
        if none_if_absent(fs::remove_file(&path))?.is_some() {
            self.forget_in(&path)?;
        }
        Ok(())
    }

    /// Deletes everything in a folder, at once.
    pub(crate) fn delete_below(&self, prefix: &Prefix) -> io::Result<()> {
        let (folder, part) = (prefix.below(&self.root), self.part());
        if !folder.is_dir() || none_if_absent(fs::rename(&folder, &part))?.is_none() {
            return Ok(());
        }
        self.forget_in(&folder)?;
        fs::remove_dir_all(part)
    }

    /// Brings to the disk that something is gone, and removes the folders that are empty now.
    fn forget_in(&self, path: &Path) -> io::Result<()> {
        let Some(folder) = path.parent() else {
            return Ok(());
        };
        none_if_absent(sync_dir(folder))?;
        prune(folder, &self.root);
        Ok(())
    }
}
