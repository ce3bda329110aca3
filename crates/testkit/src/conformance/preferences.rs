//! Preferences: kept exactly, one set each, changed by version.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use user_service_domain::preferences::{
    CustomSettings, DateFormat, Language, Preferences, Theme, TimeFormat, TimeZone,
};
use user_service_domain::store::{Constraint, Store};

use super::support::{
    assert_conflict, assert_stale, found_account, found_preferences, micros, preferences_of, save,
    save_account, someone,
};

fn settings(value: Value) -> CustomSettings {
    let object: Map<String, Value> = serde_json::from_value(value).unwrap();
    CustomSettings::parse(object).unwrap()
}

async fn change(store: &dyn Store, preferences: &Preferences) {
    let mut work = store.begin().await.unwrap();
    work.preferences().update(preferences).await.unwrap();
    work.commit().await.unwrap();
}

/// Stores the settings by an insert and by an update; both are read back equal, and by both readers.
async fn come_back(store: &dyn Store, given: CustomSettings) {
    let inserted = save_account(store, |p| p.custom_settings = Some(given.clone())).await;
    let found = found_account(store, inserted.profile.id).await.unwrap();
    assert_eq!(found.preferences.custom_settings.as_ref(), Some(&given));

    let plain = save_account(store, |_| ()).await.preferences;
    let version = plain.version + 1;
    let changed = Preferences {
        custom_settings: Some(given),
        version,
        ..plain
    };
    change(store, &changed).await;
    assert_eq!(
        found_preferences(store, changed.profile_id).await,
        Some(changed)
    );
}

/// The defaults are read back equal.
pub async fn default_preferences_are_read_back_equal(store: Arc<dyn Store>) {
    let account = save_account(&*store, |_| ()).await;
    let found = found_preferences(&*store, account.profile.id).await;
    assert_eq!(found, Some(account.preferences));
}

/// A change of every member is read back equal, times to the microsecond.
pub async fn changed_preferences_are_read_back_equal(store: Arc<dyn Store>) {
    let before = save_account(&*store, |p| p.created_at = micros(1))
        .await
        .preferences;
    let after = Preferences {
        language: Language::parse("zh-Hant-TW").unwrap(),
        timezone: TimeZone::parse("America/Argentina/ComodRivadavia").unwrap(),
        theme: Theme::Dark,
        date_format: DateFormat::MonthNameDay,
        time_format: TimeFormat::Hours12,
        email_notifications: false,
        push_notifications: false,
        sms_notifications: true,
        newsletter: true,
        marketing: true,
        custom_settings: Some(settings(json!({"a": 1}))),
        version: 2,
        updated_at: micros(999_999),
        ..before
    };
    change(&*store, &after).await;
    assert_eq!(
        found_preferences(&*store, after.profile_id).await,
        Some(after)
    );
}

/// Every choice of theme, date and time is kept.
pub async fn every_choice_is_kept(store: Arc<dyn Store>) {
    for (n, &date_format) in DateFormat::ALL.iter().enumerate() {
        let account = save_account(&*store, |p| {
            p.date_format = date_format;
            p.theme = Theme::ALL[n % Theme::ALL.len()];
            p.time_format = TimeFormat::ALL[n % TimeFormat::ALL.len()];
        })
        .await;
        assert_eq!(
            found_account(&*store, account.profile.id).await,
            Some(account)
        );
    }
}

/// Each consent is kept apart from the others.
pub async fn each_consent_is_kept_apart(store: Arc<dyn Store>) {
    for given in 0..5 {
        let account = save_account(&*store, |p| {
            p.email_notifications = given == 0;
            p.push_notifications = given == 1;
            p.sms_notifications = given == 2;
            p.newsletter = given == 3;
            p.marketing = given == 4;
        })
        .await;
        assert_eq!(
            found_account(&*store, account.profile.id).await,
            Some(account)
        );
    }
}

/// The preferences of whoever has none are `None`.
pub async fn absent_preferences_are_none(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    assert_eq!(found_preferences(&*store, ana.id).await, None);
    assert_eq!(found_preferences(&*store, someone().id).await, None);
}

/// A profile's second preferences are `Conflict(PreferencesProfile)`.
pub async fn second_preferences_conflict(store: Arc<dyn Store>) {
    let account = save_account(&*store, |_| ()).await;
    let mut work = store.begin().await.unwrap();
    let second = preferences_of(&account.profile);
    assert_conflict(
        &work.preferences().insert(&second).await,
        Constraint::PreferencesProfile,
    );
}

/// A change that does not raise the stored version by exactly one is `Stale` and changes nothing.
pub async fn a_change_of_another_version_is_stale(store: Arc<dyn Store>) {
    let stored = save_account(&*store, |p| p.version = 5).await.preferences;
    for version in [1, 4, 5, 7] {
        let changed = Preferences {
            version,
            marketing: true,
            ..stored.clone()
        };
        let mut work = store.begin().await.unwrap();
        assert_stale(&work.preferences().update(&changed).await);
    }
    assert_eq!(
        found_preferences(&*store, stored.profile_id).await,
        Some(stored)
    );
}

/// A change of preferences that are gone is `Stale`.
pub async fn a_change_of_missing_preferences_is_stale(store: Arc<dyn Store>) {
    let ana = someone();
    save(&*store, std::slice::from_ref(&ana)).await;
    let changed = Preferences {
        version: 2,
        ..preferences_of(&ana)
    };
    let mut work = store.begin().await.unwrap();
    assert_stale(&work.preferences().update(&changed).await);
}

/// No settings and empty settings are two things, and either may become the other.
pub async fn no_settings_are_not_empty_settings(store: Arc<dyn Store>) {
    let mut stored = save_account(&*store, |_| ()).await.preferences;
    for custom_settings in [
        Some(CustomSettings::default()),
        None,
        Some(CustomSettings::default()),
    ] {
        stored = Preferences {
            custom_settings,
            version: stored.version + 1,
            ..stored
        };
        change(&*store, &stored).await;
        let found = found_preferences(&*store, stored.profile_id).await.unwrap();
        assert_eq!(found.custom_settings, stored.custom_settings);
    }
    come_back(&*store, CustomSettings::default()).await;
}

/// Settings of every JSON type come back, nested to the deepest, with each name as it was spelt.
pub async fn nested_settings_come_back(store: Arc<dyn Store>) {
    let given = json!({
        "": "", " ": " ", "Case": 1, "case": 2, "z": [], "a": {}, "null": null, "é": "e\u{301}",
        "list": [true, false, null, [1, [2, {"x": []}]], "", "true", "1"],
        "text": "\"\\/\n\t\r\u{1}\u{7f}\u{2028} \u{feff} 👩‍🚀 '); --",
    });
    come_back(&*store, settings(given)).await;
    let deepest = (0..CustomSettings::MAX_DEPTH).fold(json!(1), |inner, _| json!({ "a": inner }));
    come_back(&*store, settings(deepest)).await;
}

/// The names of settings come back in their order.
pub async fn settings_keep_the_order_of_their_names(store: Arc<dyn Store>) {
    let given = settings(json!({"zz": 1, "a": 2, "B": 3, "b": 4, "10": 5, "9": 6, "ä": 7}));
    let account = save_account(&*store, |p| p.custom_settings = Some(given.clone())).await;
    let found = found_preferences(&*store, account.profile.id)
        .await
        .unwrap();
    let names = |s: &CustomSettings| s.as_map().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        found.custom_settings.as_ref().map(names),
        Some(names(&given))
    );
}

/// Whole numbers come back exactly, as far as 64 bits go.
pub async fn whole_numbers_come_back_exactly(store: Arc<dyn Store>) {
    let given = json!([
        0,
        -1,
        i64::MIN,
        i64::MAX,
        u64::MAX,
        9_007_199_254_740_993_i64
    ]);
    come_back(&*store, settings(json!({ "n": given }))).await;
}

/// Fractions come back exactly, and `1.0` does not become `1`.
pub async fn fractions_come_back_exactly(store: Arc<dyn Store>) {
    let plain = json!([
        0.1,
        -2.5,
        1.0,
        100.0,
        core::f64::consts::PI,
        0.3,
        1e-7,
        246.909_701_298_999_98
    ]);
    come_back(&*store, settings(json!({ "n": plain }))).await;
}

/// Fractions come back exactly also at the ends of their range and of their precision.
pub async fn extreme_fractions_come_back_exactly(store: Arc<dyn Store>) {
    let given = json!([
        1e16,
        1e21,
        1e300,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        1.000_000_000_000_000_2,
        1.234_567_890_123_456_7e-100,
        9.109_383_701_5e-31,
    ]);
    come_back(&*store, settings(json!({ "n": given }))).await;
}

/// Settings of 60 KiB come back, with characters of four bytes as well.
pub async fn large_settings_come_back(store: Arc<dyn Store>) {
    come_back(&*store, settings(json!({ "text": "x".repeat(60 * 1024) }))).await;
    come_back(&*store, settings(json!({ "text": "👩".repeat(15 * 1024) }))).await;
    let list: Vec<u32> = (100_000..108_700).collect();
    come_back(&*store, settings(json!({ "list": list }))).await;
}
