//! One profile: kept exactly, changed by version.

use std::sync::Arc;

use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{
    Account, Bio, DisplayName, Location, PhoneNumber, Profile, ProfileKey, Website,
};
use user_service_domain::store::{Constraint, Store};
use uuid::Uuid;

use super::support::{
    assert_conflict, assert_stale, found, found_account, micros, next, save, save_account, someone,
    update,
};

fn complete_person() -> Profile {
    Profile {
        display_name: DisplayName::parse("Zoë 👩‍🚀 O'Brien").unwrap(),
        bio: Some(Bio::parse("Two\n\tlines \"and\" more \\ % _").unwrap()),
        avatar_url: Some("https://cdn.example/a/b.webp?v=1&w=2".to_owned()),
        location: Some(Location::parse("Łódź, 波兰").unwrap()),
        website: Some(Website::parse("https://münchen.example/ü?q=%20#f").unwrap()),
        phone_number: Some(PhoneNumber::parse("+442071838750").unwrap()),
        is_verified: true,
        is_active: false,
        version: 7,
        created_at: micros(123_456),
        updated_at: micros(9_654_321),
        ..someone()
    }
}

/// A profile with every member set is read back equal.
pub async fn a_complete_profile_is_read_back_equal(store: Arc<dyn Store>) {
    let ana = complete_person();
    save(&*store, std::slice::from_ref(&ana)).await;
    assert_eq!(found(&*store, ana.id).await, Some(ana));
}

/// A profile with nothing optional set is read back equal: `None` stays `None`.
pub async fn a_bare_profile_is_read_back_equal(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    assert_eq!(found(&*store, ana.id).await, Some(ana));
}

/// An empty bio or location is not the same as none.
pub async fn an_empty_text_is_not_an_absent_one(store: Arc<dyn Store>) {
    let (bio, location) = (Bio::parse("").ok(), Location::parse("").ok());
    assert!(bio.is_some() && location.is_some());
    let ana = Profile {
        bio,
        location,
        ..someone()
    };
    save(&*store, std::slice::from_ref(&ana)).await;
    assert_eq!(found(&*store, ana.id).await, Some(ana));
}

/// Times are kept to the microsecond, the first and the last of a second included, and past 2038.
pub async fn times_are_kept_to_the_microsecond(store: Arc<dyn Store>) {
    for made in [
        0,
        1,
        999_999,
        500_000,
        999_999_999_999,
        2_000_000_000_000_001,
    ] {
        let (created_at, updated_at) = (micros(made), micros(made + 1));
        let ana = Profile {
            created_at,
            updated_at,
            ..someone()
        };
        save(&*store, std::slice::from_ref(&ana)).await;
        assert_eq!(found(&*store, ana.id).await, Some(ana));
    }
}

/// A profile is found by its id and by its person alike.
pub async fn a_profile_is_found_by_either_key(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, &[ana.clone(), someone()]).await;
    let reader = store.profiles();
    assert_eq!(
        reader.find(ProfileKey::User(ana.user_id)).await.unwrap(),
        Some(ana.clone())
    );
    let mut work = store.begin().await.unwrap();
    for key in [ProfileKey::Id(ana.id), ProfileKey::User(ana.user_id)] {
        assert_eq!(
            work.profiles().find_for_update(key).await.unwrap(),
            Some(ana.clone())
        );
    }
    work.commit().await.unwrap();
}

/// Whoever is not there is `None` to every finder, by every key; ids of one kind do not name another.
pub async fn an_absent_profile_is_none(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let crossed = [
        ProfileKey::Id(ProfileId::new(ana.user_id.get())),
        ProfileKey::User(UserId::new(ana.id.get())),
    ];
    let (id, user) = (ProfileId::new(Uuid::new_v4()), UserId::new(Uuid::nil()));
    for key in crossed
        .into_iter()
        .chain([ProfileKey::Id(id), ProfileKey::User(user)])
    {
        assert_eq!(store.profiles().find(key).await.unwrap(), None);
        assert_eq!(store.profiles().find_account(key).await.unwrap(), None);
        let mut work = store.begin().await.unwrap();
        assert_eq!(work.profiles().find_for_update(key).await.unwrap(), None);
    }
}

/// An account is the profile with its own preferences, by either key.
pub async fn an_account_is_a_profile_with_its_preferences(store: Arc<dyn Store>) {
    save_account(&*store, |_| ()).await;
    let account: Account = save_account(&*store, |p| p.newsletter = true).await;
    assert_eq!(
        found_account(&*store, account.profile.id).await,
        Some(account.clone())
    );
    let key = ProfileKey::User(account.profile.user_id);
    assert_eq!(
        store.profiles().find_account(key).await.unwrap(),
        Some(account)
    );
}

/// A person's second profile is `Conflict(ProfileUser)`.
pub async fn a_second_profile_of_a_person_conflicts(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let again = Profile {
        user_id: ana.user_id,
        ..someone()
    };
    let mut work = store.begin().await.unwrap();
    assert_conflict(
        &work.profiles().insert(&again).await,
        Constraint::ProfileUser,
    );
}

/// An id that is taken is `Conflict(ProfileId)`.
pub async fn a_taken_id_conflicts(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let other = Profile {
        id: ana.id,
        ..someone()
    };
    let mut work = store.begin().await.unwrap();
    assert_conflict(&work.profiles().insert(&other).await, Constraint::ProfileId);
}

/// A conflict shows already within the unit of work that wrote the first.
pub async fn a_conflict_within_one_unit_of_work_is_typed(store: Arc<dyn Store>) {
    let ana = someone();
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    let again = Profile {
        user_id: ana.user_id,
        ..someone()
    };
    assert_conflict(
        &work.profiles().insert(&again).await,
        Constraint::ProfileUser,
    );
}

/// An update keeps every member that a person or an administrator may change, and no other profile's.
pub async fn an_update_is_read_back_equal(store: Arc<dyn Store>) {
    let (ana, other) = (someone(), someone());
    save(&*store, &[ana.clone(), other.clone()]).await;
    let (id, user_id, created_at) = (ana.id, ana.user_id, ana.created_at);
    let full = Profile {
        id,
        user_id,
        created_at,
        version: 2,
        ..complete_person()
    };
    update(&*store, &full).await;
    assert_eq!(found(&*store, id).await, Some(full));
    let bare = Profile { version: 3, ..ana };
    update(&*store, &bare).await;
    assert_eq!(found(&*store, id).await, Some(bare));
    assert_eq!(found(&*store, other.id).await, Some(other));
}

/// An update that does not raise the stored version by exactly one is `Stale` and changes nothing.
pub async fn an_update_of_another_version_is_stale(store: Arc<dyn Store>) {
    let ana = Profile {
        version: 5,
        ..someone()
    };
    save(&*store, std::slice::from_ref(&ana)).await;
    for version in [1, 4, 5, 7, i64::MAX] {
        let mut work = store.begin().await.unwrap();
        let changed = Profile {
            version,
            is_verified: true,
            ..ana.clone()
        };
        assert_stale(&work.profiles().update(&changed).await);
    }
    assert_eq!(found(&*store, ana.id).await, Some(ana));
}

/// An update that changes nothing but the version is no lost race.
pub async fn an_update_of_the_version_alone_is_kept(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    update(&*store, &next(&ana)).await;
    assert_eq!(found(&*store, ana.id).await, Some(next(&ana)));
}

/// An update of a profile that is gone is `Stale`.
pub async fn an_update_of_a_missing_profile_is_stale(store: Arc<dyn Store>) {
    let mut work = store.begin().await.unwrap();
    assert_stale(&work.profiles().update(&next(&someone())).await);
}

/// An update does not write `last_login_at`.
pub async fn an_update_leaves_the_last_login_alone(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let claimed = Profile {
        last_login_at: Some(micros(5)),
        ..next(&ana)
    };
    update(&*store, &claimed).await;
    assert_eq!(found(&*store, ana.id).await, Some(next(&ana)));
}
