//! Profiles changed as a patch says, without a unit of work of the caller's.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{
    Bio, DisplayName, Location, PhoneNumber, Profile, ProfileFilter, ProfilePatch,
    ProfileSearchQuery, SearchStart, Website,
};
use user_service_domain::session::Login;
use user_service_domain::store::{Store, StoreError};
use user_service_domain::text::SearchText;
use uuid::Uuid;

use super::support::{found, micros, save, seconds, someone};

fn bio(text: &str) -> Bio {
    Bio::parse(text).unwrap()
}

fn website(text: &str) -> Website {
    Website::parse(text).unwrap()
}

fn phone_number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

/// A plain patch that sets everything which it may.
fn everything() -> ProfilePatch {
    ProfilePatch {
        bio: Some(Some(bio("Zoë 👩‍🚀\n\"it's\""))),
        website: Some(Some(website("https://a.example/?q=1&r='"))),
        phone_number: Some(Some(phone_number("+442071838750"))),
        is_verified: Some(true),
        ..ProfilePatch::default()
    }
}

/// Each plain set of members out of a patch, the empty one first.
fn parts(of: &ProfilePatch) -> impl Iterator<Item = ProfilePatch> {
    (0..16).map(|set| ProfilePatch {
        bio: of.bio.clone().filter(|_| set & 1 > 0),
        website: of.website.clone().filter(|_| set & 2 > 0),
        phone_number: of.phone_number.clone().filter(|_| set & 4 > 0),
        is_verified: of.is_verified.filter(|_| set & 8 > 0),
        ..ProfilePatch::default()
    })
}

/// A patch that whoever may changes: the answer, that of the domain, and what is stored are the same.
async fn assert_applied(store: &dyn Store, profile: &mut Profile, patch: &ProfilePatch, n: i64) {
    let now = profile.created_at + TimeDelta::microseconds(n);
    assert!(patch.apply(profile, now), "{patch:?}");
    let after = store.patch_profile(profile.id, None, patch, now).await;
    assert_eq!(after.unwrap().as_ref(), Some(&*profile), "{patch:?}");
    assert_eq!(
        found(store, profile.id).await.as_ref(),
        Some(&*profile),
        "{patch:?}"
    );
}

/// A patch that changes nothing.
async fn assert_nothing(
    store: &dyn Store,
    id: ProfileId,
    owner: Option<UserId>,
    patch: &ProfilePatch,
) {
    let stored = found(store, id).await;
    let answer = store.patch_profile(id, owner, patch, seconds(9999)).await;
    assert_eq!(answer.unwrap(), None, "{patch:?}");
    assert_eq!(found(store, id).await, stored, "{patch:?}");
}

/// Every set of plain members is set, and cleared, as the domain does it; all else stays, also the last login.
pub async fn a_patch_is_read_back_equal(store: Arc<dyn Store>) {
    let cleared = ProfilePatch {
        bio: Some(None),
        website: Some(None),
        phone_number: Some(None),
        is_verified: Some(false),
        ..ProfilePatch::default()
    };
    let mut ana = someone();
    let ben = someone();
    save(&*store, &[ana.clone(), ben.clone()]).await;
    let mut work = store.begin().await.unwrap();
    let login = Login {
        profile_id: ana.id,
        at: micros(7),
    };
    work.session_upkeep().log_in(&[login]).await.unwrap();
    work.commit().await.unwrap();
    ana.last_login_at = Some(micros(7));
    let mut n = 0;
    for (full, empty) in parts(&everything()).zip(parts(&cleared)).skip(1) {
        for patch in [full, empty] {
            n += 1_000_001;
            assert_applied(&*store, &mut ana, &patch, n).await;
        }
    }
    assert_eq!(found(&*store, ben.id).await, Some(ben));
}

/// A patch changes what is searched, too.
pub async fn a_patch_of_the_name_is_found(store: Arc<dyn Store>) {
    let mut ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let patch = ProfilePatch {
        display_name: Some(DisplayName::parse("Zora Patched").unwrap()),
        location: Some(Some(Location::parse("Lisboa").unwrap())),
        ..everything()
    };
    assert_applied(&*store, &mut ana, &patch, 1).await;
    let query = ProfileSearchQuery {
        text: SearchText::parse("patched lisboa").unwrap(),
        filter: ProfileFilter::default(),
        start: SearchStart::default(),
        limit: 2,
    };
    let page = store.search().search(&query).await.unwrap();
    let ids: Vec<_> = page.found.iter().map(|(profile, _)| profile.id).collect();
    assert_eq!(ids, [ana.id]);
}

/// What is so already is not changed, whichever of the members are given: neither version nor moment moves.
pub async fn a_patch_of_what_is_so_already_is_none(store: Arc<dyn Store>) {
    let mut ana = someone();
    let nothing = ProfilePatch {
        bio: Some(None),
        website: Some(None),
        phone_number: Some(None),
        is_verified: Some(false),
        ..ProfilePatch::default()
    };
    save(&*store, std::slice::from_ref(&ana)).await;
    for patch in parts(&nothing) {
        assert_nothing(&*store, ana.id, None, &patch).await;
    }
    assert_applied(&*store, &mut ana, &everything(), 5).await;
    for patch in parts(&everything()) {
        assert_nothing(&*store, ana.id, Some(ana.user_id), &patch).await;
    }
}

/// Texts are compared as they are: case, accents, spaces and the empty text make a difference.
pub async fn a_patch_by_a_hair_is_a_change(store: Arc<dyn Store>) {
    let mut ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    for (n, text) in (1..).zip(["", "ana", "Ana", "Aná", "Aná ", "Aná  ", " Aná  "]) {
        let patch = ProfilePatch {
            bio: Some(Some(bio(text))),
            ..ProfilePatch::default()
        };
        assert_applied(&*store, &mut ana, &patch, n).await;
    }
    // One of two that differs is enough.
    let patch = ProfilePatch {
        is_verified: Some(true),
        bio: Some(Some(bio(" Aná  "))),
        ..ProfilePatch::default()
    };
    assert_applied(&*store, &mut ana, &patch, 100).await;
}

/// Where an owner is named, only their profile is changed.
pub async fn a_patch_of_what_is_anothers_is_none(store: Arc<dyn Store>) {
    let (mut ana, ben) = (someone(), someone());
    save(&*store, &[ana.clone(), ben.clone()]).await;
    assert_nothing(&*store, ana.id, Some(ben.user_id), &everything()).await;
    let renamed = ProfilePatch {
        display_name: Some(DisplayName::parse("Ben").unwrap()),
        ..everything()
    };
    assert_nothing(&*store, ana.id, Some(ben.user_id), &renamed).await;
    let now = seconds(77);
    let patch = everything();
    assert!(patch.apply(&mut ana, now));
    let after = store.patch_profile(ana.id, Some(ana.user_id), &patch, now);
    assert_eq!(after.await.unwrap(), Some(ana.clone()));
    assert_eq!(found(&*store, ana.id).await, Some(ana));
    assert_eq!(found(&*store, ben.id).await, Some(ben));
}

/// Who is not there is not changed.
pub async fn a_patch_of_nobody_is_none(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let nobody = ProfileId::new(Uuid::new_v4());
    assert_nothing(&*store, nobody, None, &everything()).await;
    assert_nothing(&*store, nobody, Some(ana.user_id), &everything()).await;
    assert_eq!(found(&*store, ana.id).await, Some(ana));
}

/// A clock that is behind does not move a profile back, however many digits the moments have.
pub async fn a_patch_from_the_past_keeps_the_moment(store: Arc<dyn Store>) {
    let moment = |micros: i64| -> DateTime<Utc> { seconds(100) + TimeDelta::microseconds(micros) };
    let late = [0, 1, 120_000, 123_000, 123_456, 1_000_000].map(moment);
    for stored in late {
        for now in late {
            let mut ana = Profile {
                updated_at: stored,
                ..someone()
            };
            save(&*store, std::slice::from_ref(&ana)).await;
            assert!(everything().apply(&mut ana, now));
            let after = store.patch_profile(ana.id, None, &everything(), now).await;
            assert_eq!(after.unwrap(), Some(ana.clone()), "{stored} {now}");
            assert_eq!(ana.updated_at, stored.max(now));
            assert_eq!(found(&*store, ana.id).await, Some(ana));
        }
    }
}

/// Many who patch different members at once, and again where they lost a race, lose nothing, and each change counts.
pub async fn of_many_patches_none_is_lost(store: Arc<dyn Store>) {
    const EACH: i64 = 8;
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let mut writers = JoinSet::new();
    for writer in 0..3 {
        let (store, id) = (Arc::clone(&store), ana.id);
        writers.spawn(async move {
            for n in 1..=EACH {
                let mut patch = ProfilePatch::default();
                match writer {
                    0 => patch.bio = Some(Some(bio(&n.to_string()))),
                    1 => patch.website = Some(Some(website(&format!("https://a.example/{n}")))),
                    _ => patch.is_verified = Some(n % 2 == 1),
                }
                let changed = loop {
                    match store.patch_profile(id, None, &patch, seconds(n)).await {
                        Err(StoreError::Stale) => {}
                        answer => break answer.unwrap(),
                    }
                };
                assert!(changed.is_some(), "{patch:?}");
            }
        });
    }
    writers.join_all().await;
    let stored = found(&*store, ana.id).await.unwrap();
    assert_eq!(stored.bio, Some(bio("8")));
    assert_eq!(stored.website, Some(website("https://a.example/8")));
    assert!(!stored.is_verified);
    assert_eq!(stored.version, 1 + 3 * EACH);
    assert_eq!(stored.updated_at, seconds(EACH).max(ana.updated_at));
}
