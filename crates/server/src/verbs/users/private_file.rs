//! Files that hold what is nobody else's business.

use std::path::Path;

use anyhow::Context;
use tokio::fs::{File, OpenOptions};

/// Opens a file to write it anew, or to add to it; a new one can be read by its owner alone.
pub(super) async fn open(path: &Path, append: bool) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).mode(0o600);
    if append {
        options.append(true);
    } else {
        options.truncate(true);
    }
    let file = options.open(path).await;
    file.with_context(|| format!("{} cannot be written", path.display()))
}
