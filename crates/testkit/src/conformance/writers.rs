//! Several writers at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{JoinSet, spawn};
use tokio::time::sleep;
use user_service_domain::idempotency::KeyRecord;
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{Bio, Profile, ProfileKey};
use user_service_domain::store::{Constraint, Store, StoreError};

use super::support::{found, next, save, some_key, someone};

const WRITERS: usize = 8;
const CHANGES: usize = 20;
/// More lost races in a row than this are no progress.
const ATTEMPTS: usize = 1000;

/// Counts up by one in the bio.
async fn count_up(store: &dyn Store, id: ProfileId) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    let found = work
        .profiles()
        .find_for_update(ProfileKey::Id(id))
        .await?
        .unwrap();
    let count: usize = found.bio.as_ref().map_or("0", Bio::as_str).parse().unwrap();
    let bio = Bio::parse(&(count + 1).to_string()).ok();
    work.profiles()
        .update(&Profile {
            bio,
            ..next(&found)
        })
        .await?;
    work.commit().await
}

/// Repeats an attempt that lost a race, as its user would.
pub(super) async fn persist<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    for _ in 0..ATTEMPTS {
        match attempt().await {
            Err(StoreError::Stale) => sleep(Duration::from_millis(1)).await,
            settled => return settled,
        }
    }
    Err(StoreError::Stale)
}

/// Eight writers that read, change and repeat on `Stale` lose none of their changes.
pub async fn eight_writers_lose_nothing(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, id) = (Arc::clone(&store), ana.id);
        writers.spawn(async move {
            for _ in 0..CHANGES {
                persist(|| count_up(&*store, id)).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let found = found(&*store, ana.id).await.unwrap();
    assert_eq!(found.bio.as_ref().map(Bio::as_str), Some("160"));
    assert_eq!(found.version, 161);
}

/// Of several that insert the same person at once one succeeds, and the others have `Conflict(ProfileUser)`.
pub async fn a_person_is_inserted_once_by_many(store: Arc<dyn Store>) {
    let ana = someone();
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, mine) = (
            Arc::clone(&store),
            Profile {
                user_id: ana.user_id,
                ..someone()
            },
        );
        writers.spawn(async move {
            persist(|| async {
                let mut work = store.begin().await?;
                let by = ProfileKey::User(mine.user_id);
                if work.profiles().find_for_update(by).await?.is_some() {
                    return Err(StoreError::Conflict(Constraint::ProfileUser));
                }
                work.profiles().insert(&mine).await?;
                work.commit().await
            })
            .await
        });
    }
    assert_one_wins(writers.join_all().await, Constraint::ProfileUser);
}

/// Of several that insert the same key at once one succeeds, and the others have `Conflict(IdempotencyKey)`.
pub async fn a_key_is_inserted_once_by_many(store: Arc<dyn Store>) {
    let record = some_key();
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (store, mine) = (
            Arc::clone(&store),
            KeyRecord {
                key: record.key,
                ..some_key()
            },
        );
        writers.spawn(async move {
            persist(|| async {
                let mut work = store.begin().await?;
                work.idempotency_keys().insert(&mine).await?;
                work.commit().await
            })
            .await
        });
    }
    assert_one_wins(writers.join_all().await, Constraint::IdempotencyKey);
}

#[track_caller]
fn assert_one_wins(answers: Vec<Result<(), StoreError>>, others: Constraint) {
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    let conflict =
        |e: &Result<(), StoreError>| matches!(e, Err(StoreError::Conflict(c)) if *c == others);
    assert!(lost.iter().all(conflict), "{lost:?}");
}

/// Who finds for update keeps others from changing the profile until the end: they wait, or are `Stale`.
pub async fn a_profile_found_for_update_is_kept_from_others(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let mut first = store.begin().await.unwrap();
    let found_first = first
        .profiles()
        .find_for_update(ProfileKey::Id(ana.id))
        .await
        .unwrap()
        .unwrap();
    let ending = Arc::new(AtomicBool::new(false));
    let second = spawn({
        let (store, ending, id) = (Arc::clone(&store), Arc::clone(&ending), ana.id);
        async move {
            persist(|| count_up(&*store, id)).await.unwrap();
            ending.load(Ordering::SeqCst)
        }
    });
    // Long enough for the second to reach the lock; too short a wait could only hide a fault.
    sleep(Duration::from_millis(200)).await;
    let changed = Profile {
        is_verified: true,
        ..next(&found_first)
    };
    first.profiles().update(&changed).await.unwrap();
    ending.store(true, Ordering::SeqCst);
    first.commit().await.unwrap();
    assert!(second.await.unwrap(), "the second did not wait");
    let found = found(&*store, ana.id).await.unwrap();
    assert_eq!((found.version, found.is_verified), (3, true));
    assert_eq!(found.bio.as_ref().map(Bio::as_str), Some("1"));
}
