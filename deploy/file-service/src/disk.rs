//! Files and directories that survive a crash.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

/// `None` where there is nothing, or what is there is of another kind.
pub(crate) fn none_if_absent<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    use ErrorKind::{IsADirectory, NotADirectory, NotFound};
    match done {
        Ok(done) => Ok(Some(done)),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | IsADirectory) => Ok(None),
        Err(error) => Err(error),
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
    match builder().create(directory) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => (),
        made => made?,
    }
    sync_dir(parent)
}

/// Writes a new file, to the disk.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Removes empty directories upwards, up to `root`, which stays.
pub(crate) fn prune(mut directory: &Path, root: &Path) {
    while directory != root && fs::remove_dir(directory).is_ok() {
        match directory.parent() {
            Some(parent) => directory = parent,
            None => break,
        }
    }
}

/// Brings what was made, renamed or removed in a directory to the disk.
#[cfg(unix)]
pub(crate) fn sync_dir(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Directories cannot be opened here.
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
