//! Human text comes back as it was written, whatever the script.

use std::sync::Arc;

use user_service_domain::preferences::Language;
use user_service_domain::profile::{Bio, DisplayName, Location, Profile, Website};
use user_service_domain::store::Store;

use super::support::{found, found_account, next, save, save_account, someone, update};

/// As found after an insert and after an update.
async fn come_back(store: &dyn Store, name: &str, bio: &str, location: &str) {
    let (display_name, bio) = (
        DisplayName::stored(name.to_owned()),
        Some(Bio::stored(bio.to_owned())),
    );
    let location = Some(Location::stored(location.to_owned()));
    let inserted = Profile {
        display_name,
        bio,
        location,
        ..someone()
    };
    let plain = someone();
    save(store, &[inserted.clone(), plain.clone()]).await;
    let (id, user_id) = (plain.id, plain.user_id);
    let updated = Profile {
        id,
        user_id,
        ..next(&inserted)
    };
    update(store, &updated).await;
    for expected in [inserted, updated] {
        assert_eq!(found(store, expected.id).await, Some(expected));
    }
}

/// Texts of every script come back exactly: joined emoji, right to left, combining, tags.
pub async fn every_script_comes_back(store: Arc<dyn Store>) {
    for text in [
        "👩‍🚀👨‍👩‍👧‍👦🏳️‍🌈👍🏽",
        "مرحبا \u{200f}بالعالم",
        "שָׁלוֹם",
        "ก็ที่นี่",
        "Z̷̛͔a̴͝l̵g̶o",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "نیم\u{200c}فاصله",
        "𝔘𝔫𝔦 𐍈 𠜎",
        "e\u{301} é",
        "ﬁ ﷺ",
        "\u{10fffd}",
        "Łódź ß ẞ ı İ",
        "'\"`;--\\%_!$1?",
        "NULL",
        "\u{feff}bom",
    ] {
        come_back(&*store, text, text, text).await;
    }
}

/// A hundred characters of four bytes are a hundred characters, and a bio holds five hundred.
pub async fn the_longest_texts_come_back(store: Arc<dyn Store>) {
    come_back(
        &*store,
        &"👩".repeat(100),
        &"👩".repeat(500),
        &"👩".repeat(100),
    )
    .await;
    come_back(
        &*store,
        &"\u{fdfa}".repeat(100),
        &"x".repeat(500),
        &"ﷺ".repeat(100),
    )
    .await;
}

/// The longest address of a picture, URL and language tag come back.
pub async fn the_longest_addresses_come_back(store: Arc<dyn Store>) {
    let website = Website::parse(&format!("https://a.example/{}", "ü".repeat(237))).unwrap();
    let avatar_url = Some(format!("https://a.example/{}", "x".repeat(482)));
    let ana = Profile {
        website: Some(website),
        avatar_url,
        ..someone()
    };
    save(&*store, std::slice::from_ref(&ana)).await;
    assert_eq!(found(&*store, ana.id).await, Some(ana));
    let tag = "x".repeat(Language::MAX);
    let account = save_account(&*store, |p| p.language = Language::stored(tag)).await;
    assert_eq!(
        found_account(&*store, account.profile.id).await,
        Some(account)
    );
}

/// Spaces and line feeds at either end of a bio are kept.
pub async fn spaces_around_a_bio_are_kept(store: Arc<dyn Store>) {
    for bio in [" ", "a", "a ", "a  ", " a", "a\n", "\n", "\ta\t", ""] {
        let ana = Profile {
            bio: Bio::parse(bio).ok(),
            ..someone()
        };
        save(&*store, std::slice::from_ref(&ana)).await;
        let found = found(&*store, ana.id).await.unwrap();
        assert_eq!(found.bio.as_ref().map(Bio::as_str), Some(bio));
    }
}
