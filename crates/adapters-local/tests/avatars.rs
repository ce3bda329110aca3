//! The promises of the store of avatars, kept in a directory, and what is left there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;
use user_service_adapters_local::LocalAvatarStore;
use user_service_domain::avatar::{AvatarStore, Picture, Variant};
use user_service_domain::ids::AvatarId;
use user_service_testkit::avatars::{AroundTheStore, Avatars};
use uuid::Uuid;

struct Directory(PathBuf);

#[async_trait]
impl AroundTheStore for Directory {
    async fn leave(&self, place: &str) {
        for below in ["", "aa"] {
            let path = self.0.join(below).join(place);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
    }
}

async fn fresh() -> (Avatars, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("made/when/needed");
    let avatars = Avatars {
        store: Arc::new(LocalAvatarStore::new(&root)),
        around: Arc::new(Directory(root)),
    };
    std::future::ready((avatars, directory)).await
}

user_service_testkit::avatar_store_conformance!(fresh);

fn id(n: u128) -> AvatarId {
    AvatarId::new(Uuid::from_u128(
        0x0190_0000_0000_7000_8000_0000_0000_0000 + n,
    ))
}

fn pictures() -> Vec<Picture> {
    Variant::all()
        .take(3)
        .map(|variant| Picture {
            variant,
            bytes: variant.to_string().into_bytes(),
        })
        .collect()
}

/// The paths of all files below a directory, from there, sorted.
fn files(directory: &Path) -> Vec<String> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = vec![];
    walk(directory, &mut found);
    let mut paths: Vec<_> = found
        .iter()
        .map(|path| path.strip_prefix(directory).unwrap().display().to_string())
        .collect();
    paths.sort();
    paths
}

#[tokio::test]
async fn an_avatar_is_a_folder_below_the_random_end_of_its_id() {
    let directory = tempfile::tempdir().unwrap();
    let store = LocalAvatarStore::new(directory.path());
    store.put(id(0xab), &pictures()).await.unwrap();
    let folder = "ab/01900000-0000-7000-8000-0000000000ab";
    assert_eq!(
        files(directory.path()),
        ["64.jpeg", "64.png", "64.webp"].map(|name| format!("{folder}/{name}"))
    );
}

#[tokio::test]
async fn a_directory_is_made_by_the_first_put_alone() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("avatars");
    let store = LocalAvatarStore::new(&root);
    assert_eq!(store.list(None, 9).await.unwrap(), []);
    store.delete(id(1)).await.unwrap();
    let variant = Variant::all().next().unwrap();
    assert_eq!(store.get(id(1), variant).await.unwrap(), None);
    store.put(id(1), &[]).await.unwrap();
    assert!(!root.exists());
    store.put(id(1), &pictures()).await.unwrap();
    assert!(root.is_dir());
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_the_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("a/b");
    let store = LocalAvatarStore::new(&root);
    store.put(id(1), &pictures()).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let avatar = root.join("01").join(id(1).to_string());
    let above = [&root.join(".."), &root, &root.join("01"), &avatar];
    assert_eq!(above.map(|path| mode(path)), [0o700; 4]);
    assert_eq!(mode(&avatar.join("64.webp")), 0o600);
}

/// What a crash in the middle of a put leaves.
fn crash(root: &Path, id: AvatarId) {
    let shard = id.to_string()[34..].to_owned();
    let attempt = root.join(shard).join(format!("{id}.part")).join("attempt");
    fs::create_dir_all(&attempt).unwrap();
    fs::write(attempt.join("64.webp"), "64.w").unwrap();
}

#[tokio::test]
async fn what_a_crash_left_is_absent_but_listed_and_deleted() {
    let directory = tempfile::tempdir().unwrap();
    let store = LocalAvatarStore::new(directory.path());
    crash(directory.path(), id(1));
    for picture in pictures() {
        assert_eq!(store.get(id(1), picture.variant).await.unwrap(), None);
    }
    assert_eq!(store.list(None, 9).await.unwrap(), [id(1)]);
    store.delete(id(1)).await.unwrap();
    assert_eq!(store.list(None, 9).await.unwrap(), []);
    assert_eq!(files(directory.path()), Vec::<String>::new());
}

#[tokio::test]
async fn a_put_clears_up_what_a_crash_left() {
    let directory = tempfile::tempdir().unwrap();
    let store = LocalAvatarStore::new(directory.path());
    crash(directory.path(), id(1));
    store.put(id(1), &pictures()).await.unwrap();
    assert_eq!(files(directory.path()).len(), pictures().len());
    // Also where the crash came after the last step but one.
    crash(directory.path(), id(1));
    store.put(id(1), &pictures()).await.unwrap();
    assert_eq!(files(directory.path()).len(), pictures().len());
    assert_eq!(store.list(None, 9).await.unwrap(), [id(1)]);
}

#[tokio::test]
async fn two_stores_may_share_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let stores = [0, 1].map(|_| Arc::new(LocalAvatarStore::new(directory.path())));
    for n in 0..16 {
        let puts: Vec<_> = stores
            .iter()
            .cycle()
            .take(6)
            .cloned()
            .map(|store| tokio::spawn(async move { store.put(id(n), &pictures()).await }))
            .collect();
        for put in puts {
            put.await.unwrap().unwrap();
        }
    }
    assert_eq!(files(directory.path()).len(), 16 * pictures().len());
}

#[tokio::test]
async fn an_error_tells_no_path() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("hunter2");
    fs::write(&root, "a file, not a directory").unwrap();
    let store = LocalAvatarStore::new(&root);
    let error = store.put(id(1), &pictures()).await.unwrap_err();
    assert!(!format!("{error:?} {error} {}", error.0).contains("hunter2"));
}

/// What an avatar was written as is not rewritten: who reads it meanwhile reads on.
#[tokio::test]
async fn a_repeated_put_leaves_the_files_alone() {
    let directory = tempfile::tempdir().unwrap();
    let store = LocalAvatarStore::new(directory.path());
    store.put(id(1), &pictures()).await.unwrap();
    let path = directory
        .path()
        .join("01")
        .join(id(1).to_string())
        .join("64.webp");
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    store.put(id(1), &pictures()).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
}
