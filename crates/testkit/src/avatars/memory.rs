//! The fake of the store of avatars.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use user_service_domain::avatar::{AvatarStore, AvatarStoreError, Picture, Variant};
use user_service_domain::ids::AvatarId;
use uuid::Uuid;

use super::AroundTheStore;

#[derive(Debug, Default)]
struct State {
    /// By their places: `{id}/{variant}`.
    files: BTreeMap<String, Vec<u8>>,
    /// How many calls fail, after how many that go well.
    failures: Option<(usize, usize)>,
    /// Whether the next failing put keeps some of its pictures.
    breaks_halfway: bool,
    away: bool,
}

/// A store of avatars in memory. Clones share what they keep.
#[derive(Clone, Debug, Default)]
pub struct MemoryAvatarStore(Arc<Mutex<State>>);

impl MemoryAvatarStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes so many of the next calls fail, without a trace.
    pub fn fail_next(&self, calls: usize) {
        self.fail_after(0, calls);
    }

    /// Makes so many calls fail, after so many that go well.
    pub fn fail_after(&self, well: usize, calls: usize) {
        self.state().failures = Some((well, calls));
    }

    /// Makes the next put fail after it kept the first half of its pictures.
    pub fn break_next_put(&self) {
        self.state().breaks_halfway = true;
    }

    /// Makes every call fail until it is told otherwise.
    pub fn be_away(&self, away: bool) {
        self.state().away = away;
    }

    /// How many files there are, of all avatars.
    pub fn file_count(&self) -> usize {
        self.state().files.len()
    }

    /// The state, unless this call is one that fails.
    fn call(&self) -> Result<MutexGuard<'_, State>, AvatarStoreError> {
        let mut state = self.state();
        let fails = match &mut state.failures {
            Some((0, 0)) | None => false,
            Some((0, calls)) => {
                *calls -= 1;
                true
            }
            Some((well, _)) => {
                *well -= 1;
                false
            }
        };
        if fails || state.away {
            return Err(asked_for());
        }
        Ok(state)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn asked_for() -> AvatarStoreError {
    AvatarStoreError("the test asked for this failure".into())
}

/// The id of a place, where it is one of ours.
fn owner(place: &str) -> Option<AvatarId> {
    let (name, _) = place.split_once('/')?;
    let id = AvatarId::new(Uuid::try_parse(name).ok()?);
    (id.to_string() == name).then_some(id)
}

#[async_trait]
impl AvatarStore for MemoryAvatarStore {
    async fn put(&self, id: AvatarId, pictures: &[Picture]) -> Result<(), AvatarStoreError> {
        let mut state = self.call()?;
        let breaks = std::mem::take(&mut state.breaks_halfway);
        let kept = if breaks {
            pictures.len() / 2
        } else {
            pictures.len()
        };
        for picture in &pictures[..kept] {
            let place = format!("{id}/{}", picture.variant);
            state.files.insert(place, picture.bytes.clone());
        }
        if breaks { Err(asked_for()) } else { Ok(()) }
    }

    async fn get(
        &self,
        id: AvatarId,
        variant: Variant,
    ) -> Result<Option<Vec<u8>>, AvatarStoreError> {
        let state = self.call()?;
        Ok(state.files.get(&format!("{id}/{variant}")).cloned())
    }

    async fn delete(&self, id: AvatarId) -> Result<(), AvatarStoreError> {
        let mut state = self.call()?;
        state.files.retain(|place, _| owner(place) != Some(id));
        Ok(())
    }

    async fn list(
        &self,
        after: Option<AvatarId>,
        limit: usize,
    ) -> Result<Vec<AvatarId>, AvatarStoreError> {
        let state = self.call()?;
        let mut ids: Vec<_> = state
            .files
            .keys()
            .filter_map(|place| owner(place))
            .filter(|id| after.is_none_or(|after| *id > after))
            .collect();
        ids.dedup();
        ids.truncate(limit);
        Ok(ids)
    }
}

#[async_trait]
impl AroundTheStore for MemoryAvatarStore {
    async fn leave(&self, place: &str) {
        self.state().files.insert(place.to_owned(), vec![1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::avatars::{Avatars, id, pictures};

    async fn fresh() -> (Avatars, ()) {
        let store = MemoryAvatarStore::new();
        let avatars = Avatars {
            store: Arc::new(store.clone()),
            around: Arc::new(store),
        };
        std::future::ready((avatars, ())).await
    }

    crate::avatar_store_conformance!(fresh);

    #[tokio::test]
    async fn calls_fail_when_they_are_told_to() {
        let store = MemoryAvatarStore::new();
        store.fail_after(1, 2);
        let outcomes = [
            store.put(id(1), &pictures(1)).await.is_ok(),
            store.delete(id(1)).await.is_ok(),
            store.list(None, 1).await.is_ok(),
            store.list(None, 1).await.is_ok(),
        ];
        assert_eq!(outcomes, [true, false, false, true]);
        store.be_away(true);
        assert!(store.list(None, 1).await.is_err());
        store.be_away(false);
        assert_eq!(store.list(None, 9).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_put_that_breaks_keeps_a_half_and_may_be_repeated() {
        let store = MemoryAvatarStore::new();
        let (id, pictures) = (id(1), pictures(1));
        store.break_next_put();
        assert!(store.put(id, &pictures).await.is_err());
        assert_eq!(store.file_count(), pictures.len() / 2);
        store.put(id, &pictures).await.unwrap();
        assert_eq!(store.file_count(), pictures.len());
    }
}
