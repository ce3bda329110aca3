//! A small disk, which may be filled.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A file system in memory of some MiB. Only root can make one.
pub(crate) struct Disk {
    home: TempDir,
}

impl Disk {
    pub(crate) fn of(mebibytes: u32) -> Self {
        let home = tempfile::tempdir().unwrap();
        let size = format!("size={mebibytes}m,mode=0777");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(home.path())
            .status()
            .unwrap();
        assert!(mounted.success(), "only root can make a small disk");
        Self { home }
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    /// Leaves nothing free.
    pub(crate) fn fill(&self) {
        let mut file = File::create(self.filler()).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            let zeros = vec![0; size];
            while file.write_all(&zeros).is_ok() {}
        }
    }

    /// Frees what was filled.
    pub(crate) fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount")
            .arg("-l")
            .arg(self.home.path())
            .status()
            .ok();
    }
}
