//! Removal of a profile with all that hangs on it.

use std::sync::Arc;

use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{Account, Profile, ProfileKey};
use user_service_domain::store::Store;
use uuid::Uuid;

use super::support::{
    found, found_account, found_key, found_preferences, preferences_of, save, save_account,
    save_key, some_key, some_response, someone,
};

/// Removing a profile answers `true`, and it is gone.
pub async fn a_removed_profile_is_gone(store: Arc<dyn Store>) {
    let (ana, other) = (someone(), someone());
    save(&*store, &[ana.clone(), other.clone()]).await;
    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(ana.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(found(&*store, ana.id).await, None);
    assert_eq!(found(&*store, other.id).await, Some(other));
}

/// Removing whoever is not there answers `false` and is no error.
pub async fn removing_a_missing_profile_is_false(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let mut work = store.begin().await.unwrap();
    assert!(
        !work
            .profiles()
            .delete(ProfileId::new(Uuid::new_v4()))
            .await
            .unwrap()
    );
    assert!(work.profiles().delete(ana.id).await.unwrap());
    assert!(!work.profiles().delete(ana.id).await.unwrap());
    work.commit().await.unwrap();
}

/// A profile's preferences and stored responses go with it, and nobody else's.
pub async fn removing_a_profile_removes_what_hangs_on_it(store: Arc<dyn Store>) {
    let (ana, other) = (
        save_account(&*store, |_| ()).await,
        save_account(&*store, |_| ()).await,
    );
    let (hers, theirs) = (some_key(), some_key());
    for (record, account) in [(&hers, &ana), (&theirs, &other)] {
        save_key(&*store, record).await;
        let mut work = store.begin().await.unwrap();
        let keys = work.idempotency_keys();
        keys.complete(record.key, account.profile.id, &some_response())
            .await
            .unwrap();
        work.commit().await.unwrap();
    }
    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(ana.profile.id).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(found_preferences(&*store, ana.profile.id).await, None);
    assert_eq!(found_key(&*store, hers.key).await, None);
    assert_eq!(found_account(&*store, other.profile.id).await, Some(other));
    assert!(found_key(&*store, theirs.key).await.is_some());
}

/// After a removal the same person may have a new profile with new preferences.
pub async fn a_person_may_come_back(store: Arc<dyn Store>) {
    let old = save_account(&*store, |p| p.marketing = true).await;
    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(old.profile.id).await.unwrap());
    work.commit().await.unwrap();
    let profile = Profile {
        user_id: old.profile.user_id,
        ..someone()
    };
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&profile).await.unwrap();
    let preferences = preferences_of(&profile);
    work.preferences().insert(&preferences).await.unwrap();
    work.commit().await.unwrap();
    let key = ProfileKey::User(profile.user_id);
    let found = store.profiles().find_account(key).await.unwrap();
    assert_eq!(
        found,
        Some(Account {
            profile,
            preferences
        })
    );
}
