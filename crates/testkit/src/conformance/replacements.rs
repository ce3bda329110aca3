//! Profiles changed without a unit of work of the caller's.

use std::sync::Arc;

use tokio::task::JoinSet;
use user_service_domain::profile::{
    Bio, DisplayName, Profile, ProfileFilter, ProfileSearchQuery, SearchStart,
};
use user_service_domain::store::Store;
use user_service_domain::text::SearchText;

use super::support::{assert_stale, found, next, save, someone};

/// A replacement is a unit of work of its own: it is kept, whether or not what is searched changes.
pub async fn a_replacement_is_read_back_equal(store: Arc<dyn Store>) {
    let mut ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    for name in [None, Some("Zora Replaced"), None] {
        let mut after = Profile {
            is_verified: !ana.is_verified,
            bio: Some(Bio::parse(&format!("version {}", ana.version)).unwrap()),
            ..next(&ana)
        };
        if let Some(name) = name {
            after.display_name = DisplayName::parse(name).unwrap();
        }
        store.replace_profile(&ana, &after).await.unwrap();
        assert_eq!(found(&*store, ana.id).await.as_ref(), Some(&after));
        ana = after;
    }
    let query = ProfileSearchQuery {
        text: SearchText::parse("zora replaced").unwrap(),
        filter: ProfileFilter::default(),
        start: SearchStart::default(),
        limit: 2,
    };
    let page = store.search().search(&query).await.unwrap();
    let ids: Vec<_> = page.found.iter().map(|(profile, _)| profile.id).collect();
    assert_eq!(ids, [ana.id]);
}

/// A replacement of what is not stored any more is `Stale` and changes nothing.
pub async fn a_replacement_of_another_version_is_stale(store: Arc<dyn Store>) {
    let ana = someone();
    assert_stale(&store.replace_profile(&ana, &next(&ana)).await);
    save(&*store, std::slice::from_ref(&ana)).await;
    let stored = next(&ana);
    store.replace_profile(&ana, &stored).await.unwrap();
    let renamed = Profile {
        display_name: DisplayName::parse("Somebody Else").unwrap(),
        ..next(&ana)
    };
    for late in [next(&ana), renamed] {
        assert_stale(&store.replace_profile(&ana, &late).await);
    }
    assert_eq!(found(&*store, ana.id).await, Some(stored));
}

/// Of many replacements of one version one is kept, and the others know.
pub async fn of_many_replacements_one_is_kept(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let mut writers = JoinSet::new();
    for n in 0..8 {
        let (store, ana) = (Arc::clone(&store), ana.clone());
        writers.spawn(async move {
            let after = Profile {
                bio: Some(Bio::parse(&n.to_string()).unwrap()),
                ..next(&ana)
            };
            let kept = store.replace_profile(&ana, &after).await;
            if kept.is_err() {
                assert_stale(&kept);
            }
            kept.is_ok().then_some(after)
        });
    }
    let kept: Vec<Profile> = writers.join_all().await.into_iter().flatten().collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(found(&*store, ana.id).await.as_ref(), kept.first());
}
