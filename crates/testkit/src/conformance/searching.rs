//! Search in names and locations.

use std::sync::Arc;

use user_service_domain::profile::{Bio, Location, Profile};
use user_service_domain::store::Store;

use super::support::{all, found, holding, named, next, save, update};

fn living_in(name: &str, place: &str) -> Profile {
    Profile {
        location: Location::parse(place).ok(),
        ..named(name)
    }
}

/// The text finds these of the crowd and no others, and counts them.
async fn assert_finds(store: &dyn Store, crowd: &[Profile], text: &str, which: &[usize]) {
    let mut expected: Vec<_> = which.iter().map(|n| crowd[*n].id).collect();
    expected.sort_unstable();
    let filter = holding(crowd, text);
    assert_eq!(
        store.profiles().count(&filter).await.unwrap(),
        expected.len() as u64,
        "{text}"
    );
    assert_eq!(all(store, filter).await, expected, "{text}");
}

/// Neither case nor diacritics matter, in any script.
pub async fn case_and_diacritics_do_not_matter(store: Arc<dyn Store>) {
    let crowd = [
        "Søren Ángel",
        "ΑΘΉΝΑ",
        "Straße",
        "Łódź",
        "İstanbul",
        "Ёлка",
        "Nguyễn",
        "ﬁn",
        "王伟",
        "王偉",
    ]
    .map(named);
    save(&*store, &crowd).await;
    for (text, which) in [
        ("SOREN", 0),
        ("ANGEL", 0),
        ("søren ángel", 0),
        ("αθηνα", 1),
        ("STRASSE", 2),
        ("lodz", 3),
        ("istanbul", 4),
        ("ЕЛКА", 5),
        ("nguyen", 6),
        ("FIN", 7),
        ("伟", 8),
        ("王偉", 9),
    ] {
        assert_finds(&*store, &crowd, text, &[which]).await;
    }
}

/// A part of the name or of the location is enough, wherever it is.
pub async fn a_part_of_name_or_location_is_enough(store: Arc<dyn Store>) {
    let crowd = [
        living_in("Ana Maria Silva", "Lisboa, Portugal"),
        living_in("Portia", "Paris"),
        named("Bo"),
        living_in("Paris Hill", "Bonn"),
    ];
    save(&*store, &crowd).await;
    assert_finds(&*store, &crowd, "a mar", &[0]).await;
    assert_finds(&*store, &crowd, "silva", &[0]).await;
    assert_finds(&*store, &crowd, "port", &[0, 1]).await;
    assert_finds(&*store, &crowd, "gal", &[0]).await;
    assert_finds(&*store, &crowd, "paris", &[1, 3]).await;
    assert_finds(&*store, &crowd, "bo", &[0, 2, 3]).await;
    assert_finds(&*store, &crowd, "i", &[0, 1, 3]).await;
    assert_finds(&*store, &crowd, "nobody", &[]).await;
}

/// A text does not match across the end of the name into the location.
pub async fn name_and_location_are_searched_apart(store: Arc<dyn Store>) {
    let crowd = [
        living_in("Ana", "Lisboa"),
        named("Ana Lisboa"),
        named("AnaLisboa"),
    ];
    save(&*store, &crowd).await;
    assert_finds(&*store, &crowd, "ana lisboa", &[1]).await;
    assert_finds(&*store, &crowd, "analisboa", &[2]).await;
}

/// Nothing but name and location is searched.
pub async fn nothing_else_is_searched(store: Arc<dyn Store>) {
    let ana = Profile {
        bio: Bio::parse("needle").ok(),
        avatar_url: Some("https://needle.example/".to_owned()),
        ..named("Ana")
    };
    let crowd = [ana];
    save(&*store, &crowd).await;
    assert_finds(&*store, &crowd, "needle", &[]).await;
}

/// `%`, `_`, `!`, `\`, `*`, `?` and brackets are letters like others.
pub async fn wildcards_are_letters(store: Arc<dyn Store>) {
    let crowd = [
        "100% Ana", "ana_b", "anaxb", "Ana!", "An\\a", "A*a?", "[a-z]", "!%", "\\%", "!_x",
        "100 Ana",
    ]
    .map(named);
    save(&*store, &crowd).await;
    for (text, which) in [
        ("%", &[0, 7, 8][..]),
        ("100%", &[0]),
        ("0% a", &[0]),
        ("_", &[1, 9]),
        ("ana_b", &[1]),
        ("a%b", &[]),
        ("!", &[3, 7, 9]),
        ("ana!", &[3]),
        ("\\", &[4, 8]),
        ("n\\a", &[4]),
        ("*", &[5]),
        ("a?", &[5]),
        ("[a-z]", &[6]),
        ("!%", &[7]),
        ("\\%", &[8]),
        ("!_", &[9]),
        ("\\_", &[]),
        ("!!", &[]),
        ("\\\\", &[]),
        ("%%", &[]),
        ("__", &[]),
    ] {
        assert_finds(&*store, &crowd, text, which).await;
    }
}

/// Texts that look like SQL find only themselves and do no harm.
pub async fn sql_is_a_text_like_others(store: Arc<dyn Store>) {
    let texts = [
        "'; DROP TABLE user_profiles; --",
        "' OR '1'='1",
        "\" OR 1=1 --",
        "Robert'); DELETE",
        "x' UNION SELECT",
        "$1 ?1 :name",
        "\\'; --",
        "/* x */",
        "%' ESCAPE '!",
    ];
    let crowd = texts.map(named);
    save(&*store, &crowd).await;
    for (n, text) in texts.into_iter().enumerate() {
        assert_finds(&*store, &crowd, text, &[n]).await;
    }
    for ana in crowd {
        assert_eq!(found(&*store, ana.id).await, Some(ana));
    }
}

/// What is searched changes with the profile.
pub async fn a_search_follows_changes(store: Arc<dyn Store>) {
    let ana = living_in("Ana", "Lisboa");
    let crowd = [ana.clone()];
    save(&*store, &crowd).await;
    let moved = Profile {
        location: Location::parse("Köln").ok(),
        ..next(&ana)
    };
    update(&*store, &moved).await;
    assert_finds(&*store, &crowd, "lisboa", &[]).await;
    assert_finds(&*store, &crowd, "koln", &[0]).await;
    let hidden = Profile {
        location: None,
        display_name: named("Bea").display_name,
        ..next(&moved)
    };
    update(&*store, &hidden).await;
    assert_finds(&*store, &crowd, "koln", &[]).await;
    assert_finds(&*store, &crowd, "ana", &[]).await;
    assert_finds(&*store, &crowd, "bea", &[0]).await;
}

/// Names and locations of full length, that fold to many times their length, are searched to the end.
pub async fn the_longest_texts_are_searched_to_their_end(store: Arc<dyn Store>) {
    let long = |end: &str| format!("{}{end}", "\u{fdfa}".repeat(100 - end.len()));
    let crowd = [
        living_in(&long("needle"), &long("thread")),
        living_in("Bo", &"👩".repeat(100)),
    ];
    save(&*store, &crowd).await;
    assert_finds(&*store, &crowd, "needle", &[0]).await;
    assert_finds(&*store, &crowd, "thread", &[0]).await;
    assert_finds(&*store, &crowd, &"👩".repeat(100), &[1]).await;
}
