//! The files of avatars, in a directory.
//!
//! An avatar is one folder, `{root}/{two digits}/{id}`, the digits being the last of the id: those are random,
//! where the first tell the time. Its files are written into a folder of an attempt,
//! `{root}/{two digits}/{id}.part/{random}`, which is renamed when all of them are on the disk. What a crash
//! leaves behind is under a name that tells the id, so that it is listed and deleted like everything else.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use user_service_domain::avatar::{AvatarStore, AvatarStoreError, Picture, Variant};
use user_service_domain::ids::AvatarId;
use uuid::Uuid;

use crate::avatar_files::{
    create, create_all, directories, none_if_absent, remove_all, sync_dir, write_all,
};

/// What the name of a folder ends with that holds what is not an avatar yet, or no longer.
const PART: &str = ".part";

/// How often is tried what others do with the same avatar at the same time.
const ATTEMPTS: usize = 4;

/// Keeps the files of avatars in a directory, which is made when it is first needed. Processes may share it.
pub struct LocalAvatarStore(Arc<Tree>);

impl LocalAvatarStore {
    /// Keeps them below this directory, and expects nothing else there.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Tree {
            root: root.into(),
            is_there: Mutex::new(false),
        }))
    }

    /// Runs off the async threads, once for each call of the port.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tree) -> io::Result<T> + Send + 'static,
    ) -> Result<T, AvatarStoreError> {
        let tree = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || work(&tree)).await {
            Ok(done) => done.map_err(|error| AvatarStoreError(error.into())),
            Err(error) => Err(AvatarStoreError(error.into())),
        }
    }
}

#[async_trait]
impl AvatarStore for LocalAvatarStore {
    async fn put(&self, id: AvatarId, pictures: &[Picture]) -> Result<(), AvatarStoreError> {
        let pictures = pictures.to_vec();
        self.blocking(move |tree| tree.put(id, &pictures)).await
    }

    async fn get(
        &self,
        id: AvatarId,
        variant: Variant,
    ) -> Result<Option<Vec<u8>>, AvatarStoreError> {
        self.blocking(move |tree| {
            let path = tree.avatar(id).join(variant.to_string());
            none_if_absent(std::fs::read(path))
        })
        .await
    }

    async fn delete(&self, id: AvatarId) -> Result<(), AvatarStoreError> {
        self.blocking(move |tree| tree.delete(id)).await
    }

    async fn list(
        &self,
        after: Option<AvatarId>,
        limit: usize,
    ) -> Result<Vec<AvatarId>, AvatarStoreError> {
        self.blocking(move |tree| tree.list(after, limit)).await
    }
}

struct Tree {
    root: PathBuf,
    /// Whether the root is known to be on the disk.
    is_there: Mutex<bool>,
}

impl Tree {
    fn shard(&self, id: AvatarId) -> PathBuf {
        self.root.join(shard(id))
    }

    fn avatar(&self, id: AvatarId) -> PathBuf {
        self.shard(id).join(id.to_string())
    }

    fn part(&self, id: AvatarId) -> PathBuf {
        self.shard(id).join(format!("{id}{PART}"))
    }

    fn put(&self, id: AvatarId, pictures: &[Picture]) -> io::Result<()> {
        if pictures.is_empty() {
            return Ok(());
        }
        self.make_root()?;
        let mut attempts = 1;
        while let Err(error) = self.attempt(id, pictures) {
            // Another put of the same avatar was done first and removed the parts, also those of this one.
            if error.kind() != ErrorKind::NotFound || attempts == ATTEMPTS {
                return Err(error);
            }
            attempts += 1;
        }
        // Also where nothing was to be done: whoever did it may have died before this.
        sync_dir(&self.shard(id))?;
        sync_dir(&self.root)
    }

    fn attempt(&self, id: AvatarId, pictures: &[Picture]) -> io::Result<()> {
        let (avatar, part) = (self.avatar(id), self.part(id));
        let missing: Vec<&Picture> = pictures
            .iter()
            .filter(|picture| !avatar.join(picture.variant.to_string()).is_file())
            .collect();
        if !missing.is_empty() {
            let folder = part.join(Uuid::new_v4().as_simple().to_string());
            let written = write_pictures(&folder, &missing)
                .and_then(|()| publish(&folder, &avatar, &missing));
            if let Err(error) = written {
                let _cleared = remove_all(&folder);
                let _was_the_last = std::fs::remove_dir(&part);
                return Err(error);
            }
        }
        match remove_all(&part) {
            // Another put of the same avatar is not done yet, and clears up when it is.
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
            removed => removed,
        }
    }

    fn delete(&self, id: AvatarId) -> io::Result<()> {
        let (avatar, part) = (self.avatar(id), self.part(id));
        // Renamed first: it goes all at once, and readers find either everything or nothing.
        let mut attempts = 0;
        while avatar.is_dir() {
            let going = part.join(Uuid::new_v4().as_simple().to_string());
            match create(&part).and_then(|()| std::fs::rename(&avatar, &going)) {
                // Somebody else deletes the same: the avatar is gone, or only the parts are.
                Err(error) if error.kind() == ErrorKind::NotFound && attempts < ATTEMPTS => {
                    attempts += 1;
                }
                renamed => renamed?,
            }
        }
        remove_all(&part)?;
        // A file that comes back after a crash would be one that its owner had deleted.
        none_if_absent(sync_dir(&self.shard(id))).map(|_| ())
    }

    /// Holds no more ids than are asked for.
    fn list(&self, after: Option<AvatarId>, limit: usize) -> io::Result<Vec<AvatarId>> {
        let mut first = BTreeSet::new();
        for shard_name in directories(&self.root)? {
            let shard_name = shard_name?;
            if !is_shard(&shard_name) {
                continue;
            }
            for name in directories(&self.root.join(&shard_name))? {
                let Some(id) = id_of(&name?) else { continue };
                if shard(id) != shard_name || after.is_some_and(|after| id <= after) {
                    continue;
                }
                first.insert(id);
                if first.len() > limit {
                    first.pop_last();
                }
            }
        }
        Ok(first.into_iter().collect())
    }

    fn make_root(&self) -> io::Result<()> {
        let mut is_there = self.is_there.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_there {
            create_all(&self.root)?;
            *is_there = true;
        }
        Ok(())
    }
}

/// The last two digits.
fn shard(id: AvatarId) -> String {
    format!("{:02x}", id.get().as_bytes()[15])
}

fn is_shard(name: &str) -> bool {
    name.len() == 2
        && name
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The id that the name of a folder tells, where it is written as this store writes it.
fn id_of(name: &str) -> Option<AvatarId> {
    let text = name.strip_suffix(PART).unwrap_or(name);
    let id = AvatarId::new(Uuid::try_parse(text).ok()?);
    (id.to_string() == text).then_some(id)
}

/// Writes these into a new folder, to the disk.
fn write_pictures(folder: &Path, pictures: &[&Picture]) -> io::Result<()> {
    if let Some(part) = folder.parent() {
        if let Some(shard) = part.parent() {
            create(shard)?;
        }
        create(part)?;
    }
    create(folder)?;
    for picture in pictures {
        write_all(&folder.join(picture.variant.to_string()), &picture.bytes)?;
    }
    sync_dir(folder)
}

/// Moves a folder to where the avatar is read; where there is one already, moves what that does not have.
fn publish(folder: &Path, avatar: &Path, pictures: &[&Picture]) -> io::Result<()> {
    if !avatar.is_dir() {
        match std::fs::rename(folder, avatar) {
            // Somebody else put the same at the same time.
            Err(_taken) if avatar.is_dir() => (),
            renamed => return renamed,
        }
    }
    for picture in pictures {
        let name = picture.variant.to_string();
        std::fs::rename(folder.join(&name), avatar.join(&name))?;
    }
    sync_dir(avatar)
}
