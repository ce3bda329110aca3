//! Lists: orders and pages.

use std::sync::Arc;

use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{
    KeyValue, Position, Profile, ProfileFilter, ProfileOrder, ProfileQuery, SortBy,
};
use user_service_domain::store::Store;

use super::support::{all, among, ids, micros, named, next, save, someone, update};
use crate::memory::compare;

/// Ten in no order, with equal times and names that fold to the same key among them.
pub(super) fn crowd() -> Vec<Profile> {
    let names = [
        "Zoë", "ana", "ANA", "Ána", "Bo", "bo", "王伟", "Łódź", "lodz", "Zoe",
    ];
    let made = [5, 1, 1, 3, 3, 3, 2, 999_999, 0, 5];
    let person = |(name, at)| Profile {
        created_at: micros(at),
        ..named(name)
    };
    names.into_iter().zip(made).map(person).collect()
}

/// Every order there is.
pub(super) fn orders() -> impl Iterator<Item = ProfileOrder> {
    [SortBy::CreatedAt, SortBy::DisplayName]
        .into_iter()
        .flat_map(|by| [false, true].map(|descending| ProfileOrder { by, descending }))
}

/// The ids in the order that the contract words.
pub(super) fn sorted(profiles: &[Profile], order: ProfileOrder) -> Vec<ProfileId> {
    let mut sorted = profiles.to_vec();
    sorted.sort_by(|a, b| compare(order, &order.keyset(a), &order.keyset(b)));
    ids(&sorted)
}

/// All pages of three, each beginning where the last ended.
pub(super) async fn by_keyset(
    store: &dyn Store,
    filter: &ProfileFilter,
    order: ProfileOrder,
) -> Vec<ProfileId> {
    let (mut seen, mut position) = (Vec::new(), Position::Offset(0));
    // A list that does not end is cut off, and differs then from what was asked for.
    for _ in 0..100 {
        let query = ProfileQuery {
            filter: filter.clone(),
            order,
            position,
            limit: 3,
        };
        let page = store.profiles().list(&query).await.unwrap();
        assert!(page.len() <= 3, "a page of {}", page.len());
        let Some(last) = page.last() else { break };
        position = Position::After(order.keyset(last));
        seen.extend(ids(&page));
    }
    seen
}

/// All pages of three, counted from the start.
async fn by_offset(
    store: &dyn Store,
    filter: &ProfileFilter,
    order: ProfileOrder,
) -> Vec<ProfileId> {
    let mut seen = Vec::new();
    for page in 0..100 {
        let position = Position::Offset(3 * page);
        let query = ProfileQuery {
            filter: filter.clone(),
            order,
            position,
            limit: 3,
        };
        let page = store.profiles().list(&query).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(ids(&page));
    }
    seen
}

/// A listed profile is equal to the stored one.
pub async fn a_listed_profile_is_whole(store: Arc<dyn Store>) {
    let crowd = crowd();
    save(&*store, &crowd).await;
    for ana in crowd {
        let (order, position) = (ProfileOrder::default(), Position::Offset(0));
        let filter = among(std::slice::from_ref(&ana));
        let query = ProfileQuery {
            filter,
            order,
            position,
            limit: 10,
        };
        assert_eq!(store.profiles().list(&query).await.unwrap(), [ana]);
    }
}

/// By keyset, each order and direction shows each profile once, also among equal keys.
pub async fn keyset_pages_hold_each_profile_once(store: Arc<dyn Store>) {
    let crowd = crowd();
    save(&*store, &crowd).await;
    for order in orders() {
        let seen = by_keyset(&*store, &among(&crowd), order).await;
        assert_eq!(seen, sorted(&crowd, order), "{order:?}");
    }
}

/// By offset, the order is the same as by keyset.
pub async fn offset_pages_have_the_order_of_keyset_pages(store: Arc<dyn Store>) {
    let crowd = crowd();
    save(&*store, &crowd).await;
    for order in orders() {
        let seen = by_offset(&*store, &among(&crowd), order).await;
        assert_eq!(
            seen,
            by_keyset(&*store, &among(&crowd), order).await,
            "{order:?}"
        );
        assert_eq!(seen, sorted(&crowd, order), "{order:?}");
    }
}

/// Profiles that all were made at once and bear one name are put in order by their ids alone.
pub async fn equal_keys_are_ordered_by_id(store: Arc<dyn Store>) {
    let crowd: Vec<Profile> = (0..10).map(|_| someone()).collect();
    save(&*store, &crowd).await;
    for order in orders() {
        let mut expected = ids(&crowd);
        expected.sort_unstable();
        if order.descending {
            expected.reverse();
        }
        assert_eq!(
            by_keyset(&*store, &among(&crowd), order).await,
            expected,
            "{order:?}"
        );
    }
}

/// Names of many scripts are in the order of their folded bytes, whatever the engine's language is.
pub async fn names_are_ordered_by_their_folded_bytes(store: Arc<dyn Store>) {
    let names = [
        "Zoë",
        "zoo",
        "Ana",
        "ana",
        "Ána",
        "Łódź",
        "Straße",
        "strasse",
        "王伟",
        "王偉",
        "محمد",
        "דוד",
        "Ёлка",
        "Елка",
        "Ελένη",
        "İstanbul",
        "ısı",
        "Nguyễn",
        "👩‍🚀 Sally",
        "𝒜lice",
        "ﬁn",
        "𐐀",
        "\u{f8ff}",
        "~tilde",
        "_under",
        "-dash",
        "10",
        "9",
        "a b",
        "ab",
        "a.b",
        "a-b",
        "A  c",
        "ಕನ್ನಡ",
        "ñandú",
        "nz",
        "O'Brien",
        "ｆｕｌｌ",
        "Æsir",
        "か",
        "が",
        "カ",
        "ss",
        "sz",
        "a!",
        "a",
    ];
    let crowd = names.map(named);
    save(&*store, &crowd).await;
    for order in orders().filter(|order| order.by == SortBy::DisplayName) {
        assert_eq!(
            by_keyset(&*store, &among(&crowd), order).await,
            sorted(&crowd, order)
        );
    }
}

/// A place between profiles is a place too: a page may begin after a profile that is gone.
pub async fn a_page_may_begin_after_a_place_without_a_profile(store: Arc<dyn Store>) {
    let (first, gone, last) = (named("a"), named("b"), named("c"));
    let crowd = [first.clone(), last.clone()];
    save(&*store, &crowd).await;
    for (descending, expected) in [(false, last.id), (true, first.id)] {
        let order = ProfileOrder {
            by: SortBy::DisplayName,
            descending,
        };
        let position = Position::After(order.keyset(&gone));
        let query = ProfileQuery {
            filter: among(&crowd),
            order,
            position,
            limit: 10,
        };
        assert_eq!(
            ids(&store.profiles().list(&query).await.unwrap()),
            [expected]
        );
    }
}

/// A place with SQL in it is a place like others.
pub async fn a_hostile_place_is_harmless(store: Arc<dyn Store>) {
    let crowd = crowd();
    save(&*store, &crowd).await;
    let order = ProfileOrder {
        by: SortBy::DisplayName,
        descending: true,
    };
    let mut place = order.keyset(&crowd[0]);
    place.value = KeyValue::Text("' OR 1=1 --\\\u{10ffff}".to_owned());
    let position = Position::After(place);
    let query = ProfileQuery {
        filter: among(&crowd),
        order,
        position,
        limit: 10,
    };
    assert_eq!(store.profiles().list(&query).await.unwrap(), []);
    assert_eq!(all(&*store, among(&crowd)).await.len(), crowd.len());
}

/// A page past the end is empty.
pub async fn a_page_past_the_end_is_empty(store: Arc<dyn Store>) {
    let crowd = crowd();
    save(&*store, &crowd).await;
    for order in orders() {
        for skip in [10, 11, 1_000_000] {
            let position = Position::Offset(skip);
            let query = ProfileQuery {
                filter: among(&crowd),
                order,
                position,
                limit: 3,
            };
            assert_eq!(store.profiles().list(&query).await.unwrap(), []);
        }
    }
}

/// A changed name moves a profile to its new place.
pub async fn a_changed_name_changes_the_order(store: Arc<dyn Store>) {
    let (a, b) = (named("a"), named("b"));
    save(&*store, &[a.clone(), b.clone()]).await;
    let moved = Profile {
        display_name: named("Ç").display_name,
        ..next(&a)
    };
    update(&*store, &moved).await;
    let order = ProfileOrder {
        by: SortBy::DisplayName,
        descending: false,
    };
    let crowd = [moved, b.clone()];
    assert_eq!(
        by_keyset(&*store, &among(&crowd), order).await,
        [b.id, a.id]
    );
}
