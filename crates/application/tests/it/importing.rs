//! Users that are taken in many at a time.

use std::sync::Arc;

use user_service_application::bulk::{How, IdRule, ImportUsers, Outcome};
use user_service_domain::avatar::{Avatar, AvatarDigest, PictureFormat, Thumbhash};
use user_service_domain::bulk::{StoredAccount, UserRecord};
use user_service_domain::ids::AvatarId;
use user_service_domain::profile::{Bio, DisplayName};
use user_service_domain::revocation::{FeedPosition, Revocation};
use user_service_domain::store::Store;
use user_service_testkit::{FaultKind, FixedClock, MemoryStore, SequentialIds, account};
use uuid::Uuid;

/// The record of an export of the `n`th account.
fn whole(n: u32) -> UserRecord {
    UserRecord::whole(&StoredAccount::from(account(n)))
}

/// A record of the `n`th person that says what is done to it.
fn saying(n: u32, say: impl FnOnce(&mut UserRecord)) -> UserRecord {
    let mut record = UserRecord::of(account(n).profile.user_id);
    say(&mut record);
    record
}

fn avatar(n: u128) -> Avatar {
    Avatar {
        id: AvatarId::new(Uuid::from_u128(n)),
        digest: AvatarDigest([1; 16]),
        fallback: PictureFormat::Jpeg,
        thumbhash: Thumbhash::new("AAAA".to_owned()),
    }
}

fn import(store: &MemoryStore) -> ImportUsers {
    let clock = Arc::new(FixedClock::default());
    ImportUsers::new(
        Arc::new(store.clone()),
        clock,
        Arc::new(SequentialIds::new()),
        None,
    )
}

async fn outcomes(store: &MemoryStore, records: &[UserRecord]) -> Vec<Outcome> {
    import(store)
        .execute(records, How::default())
        .await
        .unwrap()
}

/// Pointers and codes of a rejection.
fn faults(outcome: &Outcome) -> Vec<(&str, &str)> {
    match outcome {
        Outcome::Rejected(faults) => faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.fault.code.as_str()))
            .collect(),
        _ => Vec::new(),
    }
}

async fn all(store: &MemoryStore) -> Vec<StoredAccount> {
    store.profiles().accounts_after(None, 1000).await.unwrap()
}

#[tokio::test]
async fn records_make_change_and_leave_users() {
    let store = MemoryStore::new();
    let records = [whole(1), whole(2)];
    assert_eq!(
        outcomes(&store, &records).await,
        [Outcome::Created, Outcome::Created]
    );
    assert_eq!(all(&store).await, [account(1).into(), account(2).into()]);
    let bio = Bio::parse("b").ok();
    let records = [
        whole(1),
        saying(2, |record| record.profile.bio = Some(bio.clone())),
    ];
    assert_eq!(
        outcomes(&store, &records).await,
        [Outcome::Unchanged, Outcome::Updated]
    );
    let changed = all(&store).await.remove(1).profile;
    assert_eq!((changed.bio, changed.version), (bio, 2));
    assert_eq!(changed.display_name, account(2).profile.display_name);
}

#[tokio::test]
async fn a_later_record_of_a_batch_finds_what_an_earlier_one_did() {
    let store = MemoryStore::new();
    let name = |text: &str| DisplayName::parse(text).ok();
    let records = [
        saying(1, |_| ()),
        saying(1, |record| record.profile.display_name = name("Ana")),
        saying(1, |record| record.profile.bio = Some(Bio::parse("b").ok())),
        saying(1, |_| ()),
    ];
    let outcomes = outcomes(&store, &records).await;
    assert_eq!(faults(&outcomes[0]), [("/display_name", "missing")]);
    assert_eq!(
        outcomes[1..],
        [Outcome::Created, Outcome::Updated, Outcome::Unchanged]
    );
    let ana = all(&store).await.remove(0).profile;
    assert_eq!(
        (Some(ana.display_name), ana.bio.is_some()),
        (name("Ana"), true)
    );
}

#[tokio::test]
async fn ids_are_of_one_user_each() {
    let store = MemoryStore::new();
    outcomes(&store, &[whole(1)]).await;
    let mut thief = whole(2);
    thief.id = whole(1).id;
    thief.preferences.as_mut().unwrap().id = whole(1).preferences.unwrap().id;
    let mut twin = whole(3);
    twin.id = whole(4).id;
    let mut other = whole(1);
    other.id = whole(9).id;
    let outcomes = outcomes(&store, &[thief, twin, whole(4), other.clone()]).await;
    assert_eq!(
        faults(&outcomes[0]),
        [("/id", "id_taken"), ("/preferences/id", "id_taken")]
    );
    assert_eq!(outcomes[1], Outcome::Created);
    assert_eq!(faults(&outcomes[2]), [("/id", "id_taken")]);
    assert_eq!(faults(&outcomes[3]), [("/id", "other_id")]);
    let how = How {
        ids: IdRule::WhereNew,
        ..How::default()
    };
    let kept = import(&store).execute(&[other], how).await.unwrap();
    assert_eq!(kept, [Outcome::Unchanged]);
    assert_eq!(all(&store).await.len(), 2);
}

#[tokio::test]
async fn avatars_are_of_one_user_each_and_what_is_replaced_is_noted() {
    let store = MemoryStore::new();
    let of = |n, id| {
        let mut record = whole(n);
        record.avatar = Some(Some(avatar(id)));
        record
    };
    let made = outcomes(&store, &[of(1, 7), of(2, 7), of(3, 8)]).await;
    assert_eq!((&made[0], &made[2]), (&Outcome::Created, &Outcome::Created));
    assert_eq!(faults(&made[1]), [("/avatar/id", "avatar_taken")]);
    let again = outcomes(&store, &[of(1, 7), of(3, 7)]).await;
    assert_eq!(again[0], Outcome::Unchanged);
    assert_eq!(faults(&again[1]), [("/avatar/id", "avatar_taken")]);
    assert_eq!(outcomes(&store, &[of(1, 9)]).await, [Outcome::Updated]);
    let mut work = store.begin().await.unwrap();
    let due = work
        .avatars()
        .due(account(1000).profile.created_at, 10)
        .await
        .unwrap();
    assert_eq!(due, [avatar(7).id]);
    drop(work);
    // Its files are about to go.
    let late = outcomes(&store, &[of(3, 7)]).await;
    assert_eq!(faults(&late[0]), [("/avatar/id", "avatar_taken")]);
}

#[tokio::test]
async fn who_becomes_inactive_or_active_is_told_in_the_feed() {
    let store = MemoryStore::new();
    outcomes(&store, &[whole(1), whole(2)]).await;
    for active in [false, true] {
        let change = saying(1, |record| record.profile.is_active = Some(active));
        outcomes(&store, &[change, whole(2)]).await;
    }
    let told = store
        .revocations()
        .after(FeedPosition(0), 10)
        .await
        .unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|entry| (entry.user_id, entry.revocation))
        .collect();
    let ana = account(1).profile.user_id;
    assert_eq!(
        told,
        [
            (ana, Revocation::AccountDeactivated),
            (ana, Revocation::AccountReactivated)
        ]
    );
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_keeps_nothing() {
    let store = MemoryStore::new();
    let how = How {
        dry_run: true,
        ..How::default()
    };
    let dry = import(&store)
        .execute(&[whole(1), whole(1)], how)
        .await
        .unwrap();
    assert_eq!(dry, [Outcome::Created, Outcome::Unchanged]);
    assert_eq!(all(&store).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_lost_race_is_run_again() {
    let store = MemoryStore::new();
    store.fail_after(1, FaultKind::Stale);
    assert_eq!(outcomes(&store, &[whole(1)]).await, [Outcome::Created]);
    assert_eq!(all(&store).await.len(), 1);
}
