//! The promises of the store of avatars, one case each, and the one list of them:
//! [`avatar_store_conformance!`]; and its fake.
//!
//! [`avatar_store_conformance!`]: crate::avatar_store_conformance

pub mod files;
pub mod listing;
mod memory;
mod stamp;
pub mod together;

use std::sync::Arc;

use async_trait::async_trait;
use user_service_domain::avatar::{AvatarStore, Picture, PictureFormat, Variant};
use user_service_domain::ids::AvatarId;
use uuid::{Builder, Uuid};

pub use memory::MemoryAvatarStore;

/// 2026-01-01T00:00:00Z in milliseconds.
const FIRST_MILLISECOND: u64 = 1_767_225_600_000;

/// What a case is given.
#[derive(Clone)]
pub struct Avatars {
    /// The store under test, which is empty.
    pub store: Arc<dyn AvatarStore>,
    /// The way around it.
    pub around: Arc<dyn AroundTheStore>,
}

/// Reaches what the store keeps its files in, as somebody else does who may.
#[async_trait]
pub trait AroundTheStore: Send + Sync {
    /// Leaves a file at this place, where the ids of avatars are: `notes.txt`, `someone/64.webp`.
    async fn leave(&self, place: &str);
}

/// The id of an upload in the `n`th millisecond; no two are the same, and they ascend with `n`.
pub(crate) fn id(n: u64) -> AvatarId {
    let mut random = [0; 10];
    random.copy_from_slice(&Uuid::new_v4().as_bytes()[6..]);
    let id = Builder::from_unix_timestamp_millis(FIRST_MILLISECOND + n, &random).into_uuid();
    AvatarId::new(id)
}

/// A file of so many bytes, which is no picture; another for each seed.
pub(crate) fn file(seed: usize, length: usize) -> Vec<u8> {
    (0..length)
        .map(|n| (n * 31 + n / 256 + seed * 89).to_le_bytes()[0])
        .collect()
}

/// What an upload becomes: each size in two formats.
pub(crate) fn pictures(seed: usize) -> Vec<Picture> {
    Variant::all()
        .filter(|variant| variant.format != PictureFormat::Png)
        .enumerate()
        .map(|(n, variant)| Picture {
            variant,
            bytes: file(seed + n, usize::from(variant.size.pixels()) * 7 + n),
        })
        .collect()
}

impl Avatars {
    pub(crate) async fn put(&self, id: AvatarId, pictures: &[Picture]) {
        self.store.put(id, pictures).await.unwrap();
    }

    pub(crate) async fn get(&self, id: AvatarId, variant: Variant) -> Option<Vec<u8>> {
        self.store.get(id, variant).await.unwrap()
    }

    pub(crate) async fn list(&self, after: Option<AvatarId>, limit: usize) -> Vec<AvatarId> {
        self.store.list(after, limit).await.unwrap()
    }

    /// Everything that is listed.
    pub(crate) async fn ids(&self) -> Vec<AvatarId> {
        self.list(None, 1000).await
    }

    /// That these pictures and no others are there.
    pub(crate) async fn assert_has(&self, id: AvatarId, pictures: &[Picture]) {
        for variant in Variant::all() {
            let put = pictures.iter().find(|picture| picture.variant == variant);
            let got = self.get(id, variant).await;
            let same = got.as_ref() == put.map(|picture| &picture.bytes);
            assert!(
                same,
                "{variant} is another file, or its absence is another's"
            );
        }
    }
}
