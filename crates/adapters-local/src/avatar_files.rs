//! Files and directories that survive a crash and that nobody else reads.

use std::fs::{self, DirBuilder, DirEntry, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

/// `None` where there is nothing.
pub(crate) fn none_if_absent<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a directory, unless it is there.
pub(crate) fn create(directory: &Path) -> io::Result<()> {
    match builder().create(directory) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// Makes a directory with all that it is in, on the disk.
pub(crate) fn create_all(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let parent = match directory.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    create_all(parent)?;
    create(directory)?;
    sync_dir(parent)
}

/// Writes a new file, to the disk.
pub(crate) fn write_all(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = new_file().open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Removes a directory with everything in it, if it is there, whoever else removes it.
pub(crate) fn remove_all(directory: &Path) -> io::Result<()> {
    let mut attempts = 0;
    loop {
        match fs::remove_dir_all(directory) {
            Err(error) if error.kind() == ErrorKind::NotFound && !directory.exists() => {
                return Ok(());
            }
            // Something came or went meanwhile.
            Err(error)
                if attempts < 8
                    && matches!(
                        error.kind(),
                        ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty
                    ) =>
            {
                attempts += 1;
            }
            removed => return removed,
        }
    }
}

/// The names of the directories in a directory, those that are Unicode; none where it is no directory itself.
pub(crate) fn directories(
    directory: &Path,
) -> io::Result<impl Iterator<Item = io::Result<String>> + use<>> {
    let read = match fs::read_dir(directory) {
        Ok(read) => Some(read),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            None
        }
        Err(error) => return Err(error),
    };
    Ok(read
        .into_iter()
        .flatten()
        .filter_map(|entry| name(entry).transpose()))
}

fn name(entry: io::Result<DirEntry>) -> io::Result<Option<String>> {
    let entry = entry?;
    let is_directory = none_if_absent(entry.file_type())?.is_some_and(|kind| kind.is_dir());
    Ok(is_directory
        .then(|| entry.file_name().into_string().ok())
        .flatten())
}

/// Brings what was made, renamed or removed in a directory to the disk.
#[cfg(unix)]
pub(crate) fn sync_dir(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Directories cannot be opened here; the file system keeps their order itself.
#[cfg(not(unix))]
pub(crate) fn sync_dir(_directory: &Path) -> io::Result<()> {
    Ok(())
}

fn builder() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes are of unix"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn new_file() -> OpenOptions {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
