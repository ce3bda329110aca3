//! Keys in their order, page by page. Everything here blocks.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::disk::none_if_absent;
use crate::key::{MAX_PARTS, Prefix, is_part};

/// A file in a list.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Item {
    key: String,
    /// In bytes.
    size: u64,
}

/// A part of a list.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Page {
    pub(crate) items: Vec<Item>,
    /// Where keys are grouped: what the keys in each folder begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prefixes: Option<Vec<String>>,
    /// What the next part begins after; none at the end.
    pub(crate) next: Option<String>,
}

/// The keys below a prefix past `after`, at most `limit`, ascending by their bytes. Grouped, each folder right below the
/// prefix is one entry.
pub(crate) fn list(
    root: &Path,
    prefix: &Prefix,
    after: &str,
    limit: usize,
    grouped: bool,
) -> io::Result<Page> {
    let mut walk = Walk {
        after,
        limit,
        grouped,
        last: String::new(),
        count: 0,
        page: Page {
            prefixes: grouped.then(Vec::new),
            ..Page::default()
        },
    };
    let depth = prefix.as_str().matches('/').count();
    walk.folder(&prefix.below(root), prefix.as_str(), depth)?;
    Ok(walk.page)
}

struct Walk<'a> {
    after: &'a str,
    limit: usize,
    grouped: bool,
    last: String,
    count: usize,
    page: Page,
}

impl Walk<'_> {
    /// Walks a folder; answers whether the page is full.
    fn folder(&mut self, folder: &Path, begins: &str, depth: usize) -> io::Result<bool> {
        for name in names(folder, depth)? {
            let key = format!("{begins}{name}");
            let path = folder.join(&name);
            let full = if !name.ends_with('/') {
                key.as_str() > self.after && self.file(&path, key)?
            } else if !self.grouped {
                // A folder before `after` may hold what is past it.
                (key.as_str() > self.after || self.after.starts_with(&key))
                    && self.folder(&path, &key, depth + 1)?
            } else {
                key.as_str() > self.after && holds_a_file(&path, depth + 1)? && self.group(key)
            };
            if full {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn file(&mut self, path: &Path, key: String) -> io::Result<bool> {
        let Some(about) = none_if_absent(fs::symlink_metadata(path))? else {
            return Ok(false);
        };
        if self.is_full(&key) {
            return Ok(true);
        }
        let size = about.len();
        self.page.items.push(Item { key, size });
        Ok(false)
    }

    fn group(&mut self, key: String) -> bool {
        let full = self.is_full(&key);
        if !full && let Some(prefixes) = &mut self.page.prefixes {
            prefixes.push(key);
        }
        full
    }

    /// Whether one more is too many. Otherwise it is counted.
    fn is_full(&mut self, key: &str) -> bool {
        if self.count == self.limit {
            self.page.next = Some(std::mem::take(&mut self.last));
            return true;
        }
        self.count += 1;
        key.clone_into(&mut self.last);
        false
    }
}

/// The names in a folder in the order of keys; those of folders end with `/`, which is what keys go on with.
fn names(folder: &Path, depth: usize) -> io::Result<Vec<String>> {
    let mut names = vec![];
    for entry in none_if_absent(fs::read_dir(folder))?.into_iter().flatten() {
        let entry = entry?;
        let (Ok(mut name), Some(kind)) = (
            entry.file_name().into_string(),
            none_if_absent(entry.file_type())?,
        ) else {
            continue;
        };
        if !is_part(&name) || depth >= MAX_PARTS {
            continue;
        }
        if kind.is_dir() {
            name.push('/');
        } else if !kind.is_file() {
            continue;
        }
        names.push(name);
    }
    names.sort_unstable();
    Ok(names)
}

fn holds_a_file(folder: &Path, depth: usize) -> io::Result<bool> {
    for name in names(folder, depth)? {
        if !name.ends_with('/') || holds_a_file(&folder.join(&name), depth + 1)? {
            return Ok(true);
        }
    }
    Ok(false)
}
