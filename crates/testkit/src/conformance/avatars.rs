//! The pictures of a profile, the ledger of files, and the aliases.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use user_service_domain::avatar::{Avatar, AvatarAlias, AvatarDigest, PictureFormat, Thumbhash};
use user_service_domain::ids::{AvatarId, ProfileId};
use user_service_domain::profile::Profile;
use user_service_domain::store::{Store, StoreError};
use uuid::Uuid;

use super::support::{found, next, save, seconds, someone, update};

fn some_id() -> AvatarId {
    AvatarId::new(Uuid::new_v4())
}

fn avatar(fallback: PictureFormat) -> Avatar {
    Avatar {
        id: some_id(),
        digest: AvatarDigest(*Uuid::new_v4().as_bytes()),
        fallback,
        thumbhash: Thumbhash::new("3OcRJYB4d3h/iIeHeEh3eIhw+j2w/+==".to_owned()),
    }
}

fn some_alias() -> AvatarAlias {
    let mut alias = [0xfe; 32];
    alias[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    AvatarAlias(alias)
}

async fn note(store: &dyn Store, ids: &[AvatarId], due: DateTime<Utc>) {
    let mut work = store.begin().await.unwrap();
    for id in ids {
        work.avatars().note(*id, due).await.unwrap();
    }
    work.commit().await.unwrap();
}

/// All that is due by so many seconds into 2026.
async fn due(store: &dyn Store, second: i64) -> Vec<AvatarId> {
    let mut work = store.begin().await.unwrap();
    let due = work.avatars().due(seconds(second), 10_000).await.unwrap();
    work.commit().await.unwrap();
    due
}

async fn claim(store: &dyn Store, id: AvatarId, second: i64) -> bool {
    let mut work = store.begin().await.unwrap();
    let claimed = work.avatars().claim(id, seconds(second)).await.unwrap();
    work.commit().await.unwrap();
    claimed
}

async fn set_aliases(
    store: &dyn Store,
    of: ProfileId,
    aliases: &[AvatarAlias],
) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.avatars().set_aliases(of, aliases).await?;
    work.commit().await
}

async fn known_under(store: &dyn Store, alias: AvatarAlias) -> Option<ProfileId> {
    let found = store.profiles().find_by_alias(alias).await.unwrap();
    found.map(|profile| profile.id)
}

/// A profile with an avatar is read back equal, whichever its fallback, and without it again.
pub async fn the_avatar_of_a_profile_is_read_back_equal(store: Arc<dyn Store>) {
    for fallback in [PictureFormat::Jpeg, PictureFormat::Png] {
        let ana = Profile {
            avatar: Some(avatar(fallback)),
            ..someone()
        };
        save(&*store, std::slice::from_ref(&ana)).await;
        assert_eq!(found(&*store, ana.id).await.as_ref(), Some(&ana));
        let other = Profile {
            avatar: Some(avatar(fallback)),
            ..next(&ana)
        };
        update(&*store, &other).await;
        assert_eq!(found(&*store, ana.id).await.as_ref(), Some(&other));
        let bare = Profile {
            avatar: None,
            ..next(&other)
        };
        update(&*store, &bare).await;
        assert_eq!(found(&*store, ana.id).await, Some(bare));
    }
}

/// What was noted is due from its moment on, the longest due first, and not before.
pub async fn files_are_due_from_their_moment_on(store: Arc<dyn Store>) {
    let (late, early, never) = (some_id(), some_id(), some_id());
    note(&*store, &[late], seconds(20)).await;
    note(&*store, &[early], seconds(10)).await;
    note(&*store, &[never], seconds(1_000)).await;
    assert_eq!(due(&*store, 9).await, []);
    assert_eq!(due(&*store, 10).await, [early]);
    assert_eq!(due(&*store, 20).await, [early, late]);
}

/// No more are listed than were asked for.
pub async fn due_files_stop_at_their_limit(store: Arc<dyn Store>) {
    let ids = [some_id(), some_id(), some_id()];
    for (id, second) in ids.into_iter().zip(1..) {
        note(&*store, &[id], seconds(second)).await;
    }
    let mut work = store.begin().await.unwrap();
    let due = work.avatars().due(seconds(9), 2).await.unwrap();
    assert_eq!(due, ids[..2]);
}

/// Noting an id again moves its date, back and forth.
pub async fn a_note_made_again_moves_the_date(store: Arc<dyn Store>) {
    let id = some_id();
    note(&*store, &[id], seconds(50)).await;
    note(&*store, &[id], seconds(5)).await;
    assert_eq!(due(&*store, 5).await, [id]);
    note(&*store, &[id], seconds(50)).await;
    assert_eq!(due(&*store, 49).await, []);
}

/// Claiming takes the note away, once.
pub async fn a_note_is_claimed_once(store: Arc<dyn Store>) {
    let (id, other) = (some_id(), some_id());
    note(&*store, &[id, other], seconds(50)).await;
    assert!(claim(&*store, id, 10).await);
    assert!(!claim(&*store, id, 10).await);
    assert_eq!(due(&*store, 50).await, [other]);
}

/// What is due is not claimed any more, and nothing is changed; nor what was never noted.
pub async fn what_is_due_is_not_claimed(store: Arc<dyn Store>) {
    let id = some_id();
    note(&*store, &[id], seconds(50)).await;
    assert!(!claim(&*store, id, 50).await);
    assert!(!claim(&*store, some_id(), 0).await);
    assert_eq!(due(&*store, 50).await, [id]);
}

/// A claim that is not committed leaves the note.
pub async fn a_dropped_claim_leaves_the_note(store: Arc<dyn Store>) {
    let id = some_id();
    note(&*store, &[id], seconds(50)).await;
    let mut work = store.begin().await.unwrap();
    assert!(work.avatars().claim(id, seconds(0)).await.unwrap());
    drop(work);
    assert_eq!(due(&*store, 50).await, [id]);
}

/// Settling takes the notes of these away and no others; settling what is not there is no error.
pub async fn settled_files_are_forgotten(store: Arc<dyn Store>) {
    let ids: Vec<_> = (0..3).map(|_| some_id()).collect();
    note(&*store, &ids, seconds(1)).await;
    let mut work = store.begin().await.unwrap();
    work.avatars().settle(&[]).await.unwrap();
    let settled = [ids[0], some_id(), ids[2], ids[0]];
    work.avatars().settle(&settled).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(due(&*store, 1).await, [ids[1]]);
}

/// Unknown is what no profile points at and nothing is noted about.
pub async fn unknown_files_are_nobodys(store: Arc<dyn Store>) {
    let (noted, stray) = (some_id(), some_id());
    let ana = Profile {
        avatar: Some(avatar(PictureFormat::Png)),
        ..someone()
    };
    let owned = ana.avatar.as_ref().unwrap().id;
    save(&*store, &[ana.clone(), someone()]).await;
    note(&*store, &[noted], seconds(1)).await;
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.avatars().unknown(&[]).await.unwrap(), []);
    let asked = [stray, noted, owned, stray];
    assert_eq!(work.avatars().unknown(&asked).await.unwrap(), [stray]);
    assert!(work.profiles().delete(ana.id).await.unwrap());
    let unknown = work.avatars().unknown(&[owned]).await.unwrap();
    assert_eq!(unknown, [owned], "the profile is gone");
}

/// Thousands may be asked about at once.
pub async fn thousands_of_files_are_judged_at_once(store: Arc<dyn Store>) {
    let ids: Vec<_> = (0..2_500).map(|_| some_id()).collect();
    note(&*store, &ids[..10], seconds(1)).await;
    let mut work = store.begin().await.unwrap();
    let mut expected = ids[10..].to_vec();
    expected.sort_unstable();
    assert_eq!(work.avatars().unknown(&ids).await.unwrap(), expected);
    work.avatars().settle(&ids).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(due(&*store, 1).await, []);
}

/// A profile is found under each of its aliases, and nobody under another.
pub async fn a_profile_is_found_under_its_aliases(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, &[ana.clone(), someone()]).await;
    let (one, two) = (some_alias(), some_alias());
    set_aliases(&*store, ana.id, &[one, two, one])
        .await
        .unwrap();
    let found = store.profiles().find_by_alias(two).await.unwrap();
    assert_eq!(found.as_ref(), Some(&ana));
    assert_eq!(known_under(&*store, one).await, Some(ana.id));
    assert_eq!(known_under(&*store, some_alias()).await, None);
}

/// New aliases take the place of the old ones.
pub async fn new_aliases_replace_the_old_ones(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let (old, kept, new) = (some_alias(), some_alias(), some_alias());
    set_aliases(&*store, ana.id, &[old, kept]).await.unwrap();
    set_aliases(&*store, ana.id, &[kept, new]).await.unwrap();
    for (alias, owner) in [(old, None), (kept, Some(ana.id)), (new, Some(ana.id))] {
        assert_eq!(known_under(&*store, alias).await, owner);
    }
    set_aliases(&*store, ana.id, &[]).await.unwrap();
    assert_eq!(known_under(&*store, new).await, None);
}

/// An alias that another profile had is taken over.
pub async fn an_alias_is_taken_over(store: Arc<dyn Store>) {
    let (ana, bob) = (someone(), someone());
    save(&*store, &[ana.clone(), bob.clone()]).await;
    let (shared, hers) = (some_alias(), some_alias());
    set_aliases(&*store, ana.id, &[shared, hers]).await.unwrap();
    set_aliases(&*store, bob.id, &[shared]).await.unwrap();
    assert_eq!(known_under(&*store, shared).await, Some(bob.id));
    assert_eq!(known_under(&*store, hers).await, Some(ana.id));
}

/// The aliases go with the profile.
pub async fn removing_a_profile_removes_its_aliases(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let alias = some_alias();
    set_aliases(&*store, ana.id, &[alias]).await.unwrap();
    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(ana.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(known_under(&*store, alias).await, None);
}
