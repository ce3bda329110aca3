//! Filters and counts of lists.

use std::sync::Arc;

use chrono::TimeDelta;
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{Counted, Profile, ProfileFilter, ProfileOrder};
use user_service_domain::store::Store;
use uuid::Uuid;

use super::listing::{by_keyset, crowd, orders, sorted};
use super::support::{all, among, ids, micros, named, save, someone};

/// What a filter finds is what the predicate says, and as many are counted.
async fn assert_finds(
    store: &dyn Store,
    crowd: &[Profile],
    filter: ProfileFilter,
    holds: impl Fn(&Profile) -> bool,
) {
    let mut expected: Vec<ProfileId> = crowd.iter().filter(|p| holds(p)).map(|p| p.id).collect();
    expected.sort_unstable();
    let matching = expected.len() as u64;
    let count = async |most| store.profiles().count(&filter, most).await.unwrap();
    assert_eq!(count(u64::MAX).await, Counted::Exactly(matching));
    assert_eq!(count(matching).await, Counted::Exactly(matching));
    if let Some(fewer) = matching.checked_sub(1) {
        assert_eq!(count(fewer).await, Counted::AtLeast(fewer));
    }
    assert_eq!(all(store, filter).await, expected);
}

/// Sixteen with every pair of flags, a second apart.
async fn flagged(store: &dyn Store) -> Vec<Profile> {
    let person = |n: i64| Profile {
        is_active: n % 2 == 0,
        is_verified: n % 4 < 2,
        created_at: micros(n * 1_000_000),
        ..someone()
    };
    let crowd: Vec<Profile> = (0..16).map(person).collect();
    save(store, &crowd).await;
    crowd
}

/// Without a filter everybody is listed and counted.
pub async fn without_a_filter_everybody_is_listed(store: Arc<dyn Store>) {
    let crowd = crowd();
    save(&*store, &crowd).await;
    let everybody = ProfileFilter::default();
    let seen = by_keyset(&*store, &everybody, ProfileOrder::default()).await;
    assert!(
        crowd
            .iter()
            .all(|p| seen.iter().filter(|id| **id == p.id).count() == 1)
    );
    assert_eq!(
        store.profiles().count(&everybody, 1_000_000).await.unwrap(),
        Counted::Exactly(seen.len() as u64)
    );
}

/// Active or inactive ones are found by their flag.
pub async fn profiles_are_found_by_whether_they_are_active(store: Arc<dyn Store>) {
    let crowd = flagged(&*store).await;
    for wanted in [true, false] {
        let filter = ProfileFilter {
            is_active: Some(wanted),
            ..among(&crowd)
        };
        assert_finds(&*store, &crowd, filter, |p| p.is_active == wanted).await;
    }
}

/// Verified or other ones are found by their flag.
pub async fn profiles_are_found_by_whether_they_are_verified(store: Arc<dyn Store>) {
    let crowd = flagged(&*store).await;
    for wanted in [true, false] {
        let filter = ProfileFilter {
            is_verified: Some(wanted),
            ..among(&crowd)
        };
        assert_finds(&*store, &crowd, filter, |p| p.is_verified == wanted).await;
    }
}

/// The one of a person is found, and nobody for a person without.
pub async fn a_profile_is_listed_by_its_person(store: Arc<dyn Store>) {
    let crowd = flagged(&*store).await;
    for wanted in [crowd[3].user_id, UserId::new(Uuid::new_v4())] {
        let filter = ProfileFilter {
            user_id: Some(wanted),
            ..ProfileFilter::default()
        };
        assert_finds(&*store, &crowd, filter, |p| p.user_id == wanted).await;
    }
}

/// Of listed ids those are found that exist: of none, one, three, a hundred, unknown and repeated ones.
pub async fn profiles_are_found_by_their_ids(store: Arc<dyn Store>) {
    let crowd: Vec<Profile> = (0..100).map(|_| someone()).collect();
    save(&*store, &crowd).await;
    let unknown: Vec<ProfileId> = (0..50).map(|_| someone().id).collect();
    for known in [0, 1, 3, 50, 100] {
        for others in [0, 1, 50] {
            let mut wanted = ids(&crowd[..known]);
            wanted.extend(&unknown[..others]);
            wanted.extend(wanted.clone().iter().take(2));
            let filter = ProfileFilter {
                ids: Some(wanted.clone()),
                ..ProfileFilter::default()
            };
            assert_finds(&*store, &crowd, filter, |p| wanted.contains(&p.id)).await;
        }
    }
}

/// Made after a moment or before it does not mean at it, to the microsecond.
pub async fn moments_bound_a_list_without_being_in_it(store: Arc<dyn Store>) {
    let crowd = flagged(&*store).await;
    for shift in [-1, 0, 1] {
        let (early, late) = (micros(3_000_000 + shift), micros(9_000_000 + shift));
        let after = ProfileFilter {
            created_after: Some(early),
            ..among(&crowd)
        };
        assert_finds(&*store, &crowd, after.clone(), |p| p.created_at > early).await;
        let before = ProfileFilter {
            created_before: Some(late),
            ..among(&crowd)
        };
        assert_finds(&*store, &crowd, before, |p| p.created_at < late).await;
        let between = ProfileFilter {
            created_before: Some(late),
            ..after
        };
        let holds = |p: &Profile| p.created_at > early && p.created_at < late;
        assert_finds(&*store, &crowd, between, holds).await;
    }
    let (one, other) = (
        micros(9_000_000),
        micros(9_000_000) + TimeDelta::microseconds(1),
    );
    let never = ProfileFilter {
        created_after: Some(one),
        created_before: Some(other),
        ..among(&crowd)
    };
    assert_finds(&*store, &crowd, never, |_| false).await;
}

/// Members of a filter must all hold, on every page of every order.
pub async fn filters_must_all_hold(store: Arc<dyn Store>) {
    let mut crowd = flagged(&*store).await;
    let extra = Profile {
        display_name: named("Needle").display_name,
        created_at: micros(4),
        ..someone()
    };
    save(&*store, std::slice::from_ref(&extra)).await;
    crowd.push(extra);
    let some = &crowd[2..];
    let filter = ProfileFilter {
        is_active: Some(true),
        is_verified: Some(true),
        created_after: Some(micros(4_000_000)),
        ..among(some)
    };
    let holds = |p: &Profile| p.is_active && p.is_verified && p.created_at > micros(4_000_000);
    assert_finds(&*store, some, filter.clone(), holds).await;
    let matching: Vec<Profile> = some.iter().filter(|p| holds(p)).cloned().collect();
    for order in orders() {
        assert_eq!(
            by_keyset(&*store, &filter, order).await,
            sorted(&matching, order)
        );
    }
}
