//! What one engine may store differently from another.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use user_service_domain::idempotency::{Fingerprint, KeyDigest, KeyRecord, StoredResponse};
use user_service_domain::ids::{PreferencesId, ProfileId, UserId};
use user_service_domain::preferences::{CustomSettings, Preferences};
use user_service_domain::profile::{
    Bio, Counted, DisplayName, Location, Position, Profile, ProfileFilter, ProfileKey,
    ProfileOrder, ProfileQuery, SortBy,
};
use user_service_domain::store::{Constraint, Store, StoreError};
use user_service_domain::text::SearchText;
use uuid::Uuid;

fn profile(n: u128, name: &str, now: DateTime<Utc>) -> Profile {
    Profile {
        id: ProfileId::new(Uuid::from_u128(n)),
        user_id: UserId::new(Uuid::from_u128(1000 + n)),
        display_name: DisplayName::parse(name).unwrap(),
        bio: Some(Bio::parse("a\nb 👩‍🚀").unwrap()),
        avatar: None,
        avatar_url: None,
        location: Some(Location::parse("50% _here_!").unwrap()),
        website: None,
        phone_number: None,
        is_verified: true,
        is_active: false,
        version: 1,
        created_at: now,
        updated_at: now,
        last_login_at: Some(now),
    }
}

/// Writes through every port and reads the same back.
pub(crate) async fn every_port(store: &dyn Store) {
    let now = DateTime::<Utc>::from_timestamp_micros(1_763_935_549_123_456).unwrap();
    store.ping().await.unwrap();

    let ana = profile(1, "Ána 王伟", now);
    let mut preferences =
        Preferences::defaults(PreferencesId::new(Uuid::from_u128(5)), ana.id, now);
    let settings = json!({"z": 1, "a": {"text": "ü\\'%", "list": [1.5, null, true]}});
    preferences.custom_settings =
        Some(CustomSettings::parse(settings.as_object().unwrap().clone()).unwrap());
    let record = KeyRecord {
        key: KeyDigest([7; 32]),
        fingerprint: Fingerprint([0xff; 32]),
        created_at: now,
        expires_at: now + TimeDelta::hours(1),
        response: None,
    };
    let response = StoredResponse {
        status: 201,
        location: Some("/profiles/1".to_owned()),
        etag: None,
        body: "{\"ü\": 1}".to_owned(),
    };

    let mut work = store.begin().await.unwrap();
    work.idempotency_keys().insert(&record).await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    work.preferences().insert(&preferences).await.unwrap();
    work.idempotency_keys()
        .complete(record.key, ana.id, &response)
        .await
        .unwrap();
    let found = work
        .profiles()
        .find_for_update(ProfileKey::Id(ana.id))
        .await
        .unwrap();
    assert_eq!(found.as_ref(), Some(&ana));
    work.commit().await.unwrap();

    let reader = store.profiles();
    assert_eq!(
        reader
            .find(ProfileKey::User(ana.user_id))
            .await
            .unwrap()
            .as_ref(),
        Some(&ana)
    );
    let account = reader
        .find_account(ProfileKey::Id(ana.id))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (&account.profile, &account.preferences),
        (&ana, &preferences)
    );

    let mut work = store.begin().await.unwrap();
    let stored = work
        .idempotency_keys()
        .find_for_update(record.key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.response.as_ref(), Some(&response));
    let kept = work.preferences().find_for_update(ana.id).await.unwrap();
    assert_eq!(kept.as_ref(), Some(&preferences));
    preferences.version = 2;
    preferences.custom_settings = None;
    work.preferences().update(&preferences).await.unwrap();
    let raised = Profile {
        version: 2,
        ..ana.clone()
    };
    work.profiles().update(&raised).await.unwrap();
    let error = work.profiles().update(&raised).await.unwrap_err();
    assert!(matches!(error, StoreError::Stale));
    let error = work.commit().await.unwrap_err();
    assert!(matches!(error, StoreError::Internal(_)));

    for (rule, twin) in [
        (
            Constraint::ProfileId,
            Profile {
                user_id: UserId::new(Uuid::from_u128(9)),
                ..ana.clone()
            },
        ),
        (
            Constraint::ProfileUser,
            Profile {
                id: ProfileId::new(Uuid::from_u128(9)),
                ..ana.clone()
            },
        ),
    ] {
        let mut work = store.begin().await.unwrap();
        let error = work.profiles().insert(&twin).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Conflict(broken) if broken == rule),
            "{error:?}"
        );
        assert!(
            work.profiles()
                .find_for_update(ProfileKey::Id(ana.id))
                .await
                .is_err()
        );
    }
    let mut work = store.begin().await.unwrap();
    let error = work.idempotency_keys().insert(&record).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Conflict(Constraint::IdempotencyKey)),
        "{error:?}"
    );
    let mut work = store.begin().await.unwrap();
    let second = Preferences {
        id: PreferencesId::new(Uuid::from_u128(6)),
        ..preferences.clone()
    };
    let error = work.preferences().insert(&second).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Conflict(Constraint::PreferencesProfile)),
        "{error:?}"
    );

    // Whole seconds, milliseconds and microseconds are texts of different lengths on SQLite.
    let mut work = store.begin().await.unwrap();
    for (n, micros) in (2..).zip([0, 1, 1_000, 1_001, 500_000]) {
        let time = DateTime::<Utc>::from_timestamp_micros(1_763_935_550_000_000 + micros).unwrap();
        work.profiles()
            .insert(&profile(n, "Same name", time))
            .await
            .unwrap();
    }
    work.commit().await.unwrap();
    for by in [SortBy::CreatedAt, SortBy::DisplayName] {
        for descending in [false, true] {
            let order = ProfileOrder { by, descending };
            let mut position = Position::Offset(0);
            let mut seen = Vec::new();
            loop {
                let filter = ProfileFilter::default();
                let query = ProfileQuery {
                    filter,
                    order,
                    position,
                    limit: 2,
                };
                let page = reader.list(&query).await.unwrap();
                let Some(last) = page.last() else { break };
                position = Position::After(order.keyset(last));
                seen.extend(page.iter().map(|profile| profile.id.get().as_u128()));
            }
            let mut expected = vec![1, 2, 3, 4, 5, 6];
            if descending {
                expected.reverse();
            }
            assert_eq!(seen, expected, "{order:?}");
        }
    }
    for (text, count) in [
        ("50% _HERE_!", 6),
        ("%x", 0),
        ("ana", 1),
        ("王", 1),
        ("me\\", 0),
    ] {
        let text = SearchText::parse(text).unwrap();
        let filter = ProfileFilter::default();
        let counted = store.search().count(&text, &filter, 1000).await;
        assert_eq!(counted.unwrap(), Counted::Exactly(count), "{text:?}");
    }
    let after = ProfileFilter {
        created_after: Some(now),
        ..ProfileFilter::default()
    };
    assert_eq!(reader.count(&after, 9).await.unwrap(), Counted::Exactly(5));

    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(ana.id).await.unwrap());
    assert_eq!(
        work.idempotency_keys()
            .find_for_update(record.key)
            .await
            .unwrap(),
        None
    );
    for n in 0..3 {
        let record = KeyRecord {
            key: KeyDigest([n; 32]),
            ..record.clone()
        };
        work.idempotency_keys().insert(&record).await.unwrap();
    }
    let later = now + TimeDelta::hours(2);
    assert_eq!(work.idempotency_keys().prune(now, 10).await.unwrap(), 0);
    assert_eq!(work.idempotency_keys().prune(later, 2).await.unwrap(), 2);
    assert_eq!(work.idempotency_keys().prune(later, 2).await.unwrap(), 1);
    work.commit().await.unwrap();
    assert_eq!(
        reader.find_account(ProfileKey::Id(ana.id)).await.unwrap(),
        None
    );
}
