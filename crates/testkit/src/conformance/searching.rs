//! Search in names and locations.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{
    Bio, Counted, Location, Profile, ProfileFilter, ProfileSearchQuery, Rank, SearchPlace,
    SearchStart, Searched,
};
use user_service_domain::store::Store;
use user_service_domain::text::{SearchText, fold};

use super::support::{among, found, ids, named, next, save, update};

/// Names and locations of many scripts.
const CORPUS: [(&str, &str); 56] = [
    ("Ana Silva", "Lisboa, Portugal"),
    ("Ána-María Núñez", "Málaga"),
    ("Mariana Álvares", "São Paulo"),
    ("Silvana Rossi", "Roma"),
    ("Søren Kierkegaard", "København"),
    ("Soren Anders", "Aarhus"),
    ("Jürgen Müller", "Köln"),
    ("Straße Groß", "Gießen"),
    ("Łukasz Żółć", "Łódź"),
    ("Nguyễn Thị Hương", "Hà Nội"),
    ("Zoë O'Neil", "Dún Laoghaire"),
    ("Ægir Þórsson", "Reykjavík"),
    ("Đorđe Đoković", "Niš"),
    ("Čeněk Dvořák", "Plzeň"),
    ("İbrahim Yıldız", "İstanbul"),
    ("ISIL IŞIK", "Diyarbakır"),
    ("Νίκος Παπαδόπουλος", "Αθήνα"),
    ("ΟΔΥΣΣΕΎΣ", "Ιθάκη"),
    ("Фёдор Достоевский", "Санкт-Петербург"),
    ("Елена Йорданова", "София"),
    ("Олексій Їжак", "Київ"),
    ("محمد علي", "القاهرة"),
    ("فاطِمَة الزهراء", "تونس"),
    ("دانیال کریمی", "تهران"),
    ("דָּוִד כהן", "תל אביב"),
    ("שרה לוי", "ירושלים"),
    ("अमित कुमार", "नई दिल्ली"),
    ("प्रिया शर्मा", "मुंबई"),
    ("สมชาย ใจดี", "กรุงเทพมหานคร"),
    ("ปราณี", "เชียงใหม่"),
    ("王伟", "北京"),
    ("王偉", "臺北"),
    ("李小龍", "香港"),
    ("山田太郎", "東京都"),
    ("やまだ はなこ", "おおさか"),
    ("ヤマダ タロウ", "トウキョウ"),
    ("ﾔﾏﾀﾞ", "ﾄｳｷｮｳ"),
    ("김민수", "서울특별시"),
    ("박지성", "수원"),
    ("თამარ", "თბილისი"),
    ("Արամ", "Երևան"),
    ("👩‍🚀 Astra 🚀", "🌍"),
    ("🦊🦊", "🏔️ Alps"),
    ("100% Ana", "50%_off"),
    ("a_b-c", "[a-z]*"),
    ("O\\'Hara \"Q\"", "C:\\temp"),
    ("!!!", "???"),
    ("Jean-Luc (Picard)", "La Barre, FR"),
    ("ﬁnn ﬂynn", "Ⅷ"),
    ("Ｆｕｌｌ　Ｗｉｄｔｈ", "Ｔｏｋｙｏ"),
    ("x", "y"),
    ("anaana ana", "banana"),
    ("Kierkegard", "Odense"),
    ("Anna Annabel Hannah", "Annaberg"),
    ("Lisa", "Lisboa"),
    ("Lisboa Lima", "Lima"),
];

fn living_in(name: &str, place: &str) -> Profile {
    Profile {
        location: Location::parse(place).ok(),
        ..named(name)
    }
}

fn corpus() -> Vec<Profile> {
    CORPUS
        .iter()
        .map(|(name, place)| living_in(name, place))
        .collect()
}

fn everybody() -> ProfileFilter {
    ProfileFilter::default()
}

/// All that a search finds, page by page.
async fn walk(
    store: &dyn Store,
    text: &SearchText,
    filter: &ProfileFilter,
    limit: u32,
    skip: u32,
) -> Vec<Profile> {
    let mut found = Vec::new();
    let mut start = SearchStart { after: None, skip };
    for pages in 0.. {
        assert!(pages < 10_000, "a search without an end: {text:?}");
        let query = ProfileSearchQuery {
            text: text.clone(),
            filter: filter.clone(),
            start,
            limit,
        };
        let page = store.search().search(&query).await.unwrap();
        let full = page.found.len() == usize::try_from(limit).unwrap();
        assert!(!full || page.rest.is_none(), "{text:?}");
        let last: Option<SearchPlace> = page.found.last().map(|(_, place)| place.clone());
        found.extend(page.found.into_iter().map(|(profile, _)| profile));
        start = match (last, page.rest) {
            (_, Some(rest)) => rest,
            (Some(last), None) if full => SearchStart {
                after: Some(last),
                skip: 0,
            },
            _ => return found,
        };
    }
    found
}

fn parsed(text: &str) -> SearchText {
    SearchText::parse(text).unwrap()
}

fn rank(text: &SearchText, profile: &Profile) -> Option<Rank> {
    text.rank(&Searched::of(profile))
}

/// The text finds those of everybody that the domain says, the best first, and counts them.
async fn assert_agrees(store: &dyn Store, crowd: &[Profile], text: &str) {
    let text = parsed(text);
    let expected: BTreeSet<ProfileId> = crowd
        .iter()
        .filter(|profile| rank(&text, profile).is_some())
        .map(|profile| profile.id)
        .collect();
    for filter in [everybody(), among(crowd)] {
        let seen = walk(store, &text, &filter, 20, 0).await;
        let ranks: Vec<_> = seen.iter().map(|profile| rank(&text, profile)).collect();
        assert!(ranks.is_sorted(), "{text:?}: {ranks:?}");
        let mut seen = ids(&seen);
        seen.sort_unstable();
        assert!(
            seen.iter().eq(&expected),
            "{text:?}: {seen:?}, not {expected:?}"
        );
        let counted = store.search().count(&text, &filter, 1000).await.unwrap();
        assert_eq!(counted, Counted::Exactly(expected.len() as u64), "{text:?}");
    }
}

/// The text finds these of the crowd and no others, and counts them.
async fn assert_finds(store: &dyn Store, crowd: &[Profile], text: &str, which: &[usize]) {
    assert_agrees(store, crowd, text).await;
    let mut expected: Vec<_> = which.iter().map(|n| crowd[*n].id).collect();
    expected.sort_unstable();
    let mut seen = ids(&walk(store, &parsed(text), &everybody(), 20, 0).await);
    seen.sort_unstable();
    assert_eq!(seen, expected, "{text}");
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

/// Names of all scripts are found by each of their words, by parts of words, and with slips, as the domain
/// says.
pub async fn every_script_is_found_as_the_domain_says(store: Arc<dyn Store>) {
    let crowd = corpus();
    save(&*store, &crowd).await;
    let mut texts = BTreeSet::new();
    for (n, (name, place)) in CORPUS.into_iter().enumerate() {
        let folded = fold(name);
        let chars: Vec<char> = folded.chars().collect();
        texts.extend([name.to_owned(), place.to_owned()]);
        for len in [1, 2, 3, 5, 7] {
            let from = n % chars.len();
            texts.insert(chars.iter().skip(from).take(len).collect());
        }
        let mut swapped = chars.clone();
        let at = n % swapped.len().saturating_sub(1).max(1);
        if at + 1 < swapped.len() {
            swapped.swap(at, at + 1);
        }
        texts.insert(swapped.into_iter().collect());
        texts.insert(format!("{} {}", fold(place), folded));
    }
    for text in texts {
        if SearchText::parse(&text).is_ok() {
            assert_agrees(&*store, &crowd, &text).await;
        }
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

/// Every word must be found, in the name or in the location, in any order.
pub async fn all_words_are_found_in_any_order(store: Arc<dyn Store>) {
    let crowd = [
        living_in("Ana Silva", "Lisboa"),
        named("Silva Lisboa"),
        named("Lisboa Ana"),
        named("AnaLisboa"),
    ];
    save(&*store, &crowd).await;
    assert_finds(&*store, &crowd, "ana lisboa", &[0, 2, 3]).await;
    assert_finds(&*store, &crowd, "lisboa ana", &[0, 2, 3]).await;
    assert_finds(&*store, &crowd, "lis silv", &[0, 1]).await;
    assert_finds(&*store, &crowd, "a s l", &[0, 1, 2, 3]).await;
    assert_finds(&*store, &crowd, "analisboa", &[3]).await;
    assert_finds(&*store, &crowd, "ana porto", &[]).await;
}

/// The whole name comes first, then its beginning, beginnings of words, parts of words, and slips.
pub async fn the_best_matches_come_first(store: Arc<dyn Store>) {
    let crowd = [
        named("Silve Torres"),
        living_in("Joana", "Vasilva"),
        named("Carlos-Silva"),
        named("Maria Silva"),
        named("Silva Santos"),
        named("Silva"),
    ];
    save(&*store, &crowd).await;
    let seen = walk(&*store, &parsed("silva"), &everybody(), 20, 0).await;
    let expected: Vec<Rank> = vec![
        Rank::Whole,
        Rank::Prefix,
        Rank::WordPrefix,
        Rank::WordPrefix,
        Rank::Substring,
        Rank::Typo,
    ];
    let ranks: Vec<_> = seen
        .iter()
        .map(|profile| rank(&parsed("silva"), profile).unwrap())
        .collect();
    assert_eq!(ranks, expected);
    assert_eq!(seen[0].id, crowd[5].id);
    assert_eq!(seen[5].id, crowd[0].id);
}

/// One slip is forgiven in words of five letters and more, not two, and not in shorter words.
pub async fn one_slip_is_forgiven_from_five_letters_on(store: Arc<dyn Store>) {
    let crowd = [
        named("Kierkegaard"),
        named("Jonas Silva"),
        living_in("Bo", "(Lisboa)"),
        named("Anna"),
        named("Παπαδόπουλος"),
        named("서울특별시"),
    ];
    save(&*store, &crowd).await;
    for (text, which) in [
        ("kierkegard", &[0][..]),
        ("kierkegaarrd", &[0]),
        ("kierkegaadr", &[0]),
        ("kjerkegaard", &[0]),
        ("kjerkegard", &[]),
        ("jonas slvia", &[]),
        ("jonas slva", &[]),
        ("jonas silav", &[1]),
        ("jonsa silva", &[1]),
        ("jonsa silav", &[1]),
        ("lisbao", &[2]),
        ("annna", &[3]),
        ("anma", &[]),
        ("παπαδοπουλσο", &[4]),
        ("서울특별사", &[5]),
    ] {
        assert_finds(&*store, &crowd, text, which).await;
    }
}

/// However many words are one slip away from a text, by the same letter or by different ones, each is found once.
pub async fn any_number_of_words_may_be_one_slip_away(store: Arc<dyn Store>) {
    let letters = || ('a'..='z').chain('α'..='ω').chain('а'..='я');
    let last = letters().map(|letter| named(&format!("Gravita{letter}")));
    let first = letters().map(|letter| named(&format!("{letter}ravitat")));
    let crowd: Vec<Profile> = last.chain(first).collect();
    save(&*store, &crowd).await;
    assert_agrees(&*store, &crowd, "gravitat").await;
}

/// A text does not match across the end of a word.
pub async fn words_are_searched_apart(store: Arc<dyn Store>) {
    let crowd = [
        living_in("Ana", "Lisboa"),
        named("Ana Lisboa"),
        named("AnaLisboa"),
    ];
    save(&*store, &crowd).await;
    assert_finds(&*store, &crowd, "analisboa", &[2]).await;
    assert_finds(&*store, &crowd, "alis", &[2]).await;
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
        ("na_b", &[1]),
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
    save(&*store, std::slice::from_ref(&ana)).await;
    let moved = Profile {
        location: Location::parse("Köln").ok(),
        ..next(&ana)
    };
    update(&*store, &moved).await;
    assert_finds(&*store, std::slice::from_ref(&moved), "lisboa", &[]).await;
    assert_finds(&*store, std::slice::from_ref(&moved), "koln", &[0]).await;
    let told = Profile {
        bio: Bio::parse("a few lines").ok(),
        ..next(&moved)
    };
    update(&*store, &told).await;
    assert_finds(&*store, std::slice::from_ref(&told), "koln", &[0]).await;
    let hidden = Profile {
        location: None,
        display_name: named("Bea").display_name,
        ..next(&told)
    };
    update(&*store, &hidden).await;
    let crowd = [hidden];
    assert_finds(&*store, &crowd, "koln", &[]).await;
    assert_finds(&*store, &crowd, "ana", &[]).await;
    assert_finds(&*store, &crowd, "bea", &[0]).await;
}

/// A removed profile is not found any more, and its words serve others.
pub async fn a_removed_profile_is_not_found(store: Arc<dyn Store>) {
    let crowd = [named("Ana Needle"), named("Bea Needle")];
    save(&*store, &crowd).await;
    let mut work = store.begin().await.unwrap();
    assert!(work.profiles().delete(crowd[0].id).await.unwrap());
    work.commit().await.unwrap();
    assert_finds(&*store, &crowd[1..], "needle", &[0]).await;
    assert_finds(&*store, &crowd[1..], "ana", &[]).await;
}

/// Names and locations of full length, that fold to many times their length, are searched to the end.
pub async fn the_longest_texts_are_searched_to_their_end(store: Arc<dyn Store>) {
    let long = |end: &str| format!("{}{end}", "\u{fdfa}".repeat(100 - end.len()));
    let crowd = [
        living_in(&long("needle"), &long("thread")),
        living_in("Bo", &"👩".repeat(100)),
        living_in(&"a".repeat(100), &"㌖".repeat(100)),
        named(&format!("{}b", "a".repeat(99))),
    ];
    save(&*store, &crowd).await;
    assert_finds(&*store, &crowd, "needle", &[0]).await;
    assert_finds(&*store, &crowd, "thread", &[0]).await;
    assert_finds(&*store, &crowd, &"👩".repeat(100), &[1]).await;
    assert_finds(&*store, &crowd, &"a".repeat(100), &[2]).await;
    assert_finds(&*store, &crowd, &"a".repeat(99), &[2, 3]).await;
    assert_finds(&*store, &crowd, &format!("{}b", "a".repeat(60)), &[3]).await;
    assert_finds(&*store, &crowd, &format!("x{}", "a".repeat(60)), &[]).await;
}

/// Filters narrow a search, each and all together.
pub async fn a_search_is_filtered(store: Arc<dyn Store>) {
    let mut crowd: Vec<Profile> = (0..24).map(|n| named(&format!("Ana {n}"))).collect();
    for (n, ana) in crowd.iter_mut().enumerate() {
        ana.is_active = n % 2 == 0;
        ana.is_verified = n % 3 == 0;
        ana.created_at += TimeDelta::seconds(i64::try_from(n).unwrap());
        ana.updated_at = ana.created_at;
    }
    save(&*store, &crowd).await;
    let filters = [
        ProfileFilter {
            is_active: Some(true),
            ..everybody()
        },
        ProfileFilter {
            is_verified: Some(false),
            created_after: Some(crowd[4].created_at),
            ..everybody()
        },
        ProfileFilter {
            is_active: Some(false),
            is_verified: Some(true),
            created_before: Some(crowd[20].created_at),
            ..everybody()
        },
        ProfileFilter {
            is_active: Some(true),
            ..among(&crowd[3..9])
        },
        ProfileFilter {
            user_id: Some(crowd[7].user_id),
            ..everybody()
        },
        among(&[]),
    ];
    for filter in filters {
        let expected: BTreeSet<ProfileId> = crowd
            .iter()
            .filter(|p| filter.is_active.is_none_or(|wanted| p.is_active == wanted))
            .filter(|p| {
                filter
                    .is_verified
                    .is_none_or(|wanted| p.is_verified == wanted)
            })
            .filter(|p| filter.created_after.is_none_or(|at| p.created_at > at))
            .filter(|p| filter.created_before.is_none_or(|at| p.created_at < at))
            .filter(|p| filter.user_id.is_none_or(|wanted| p.user_id == wanted))
            .filter(|p| filter.ids.as_ref().is_none_or(|ids| ids.contains(&p.id)))
            .map(|p| p.id)
            .collect();
        for (text, limit) in [("ana", 3), ("an", 50), ("na", 4)] {
            let seen = ids(&walk(&*store, &parsed(text), &filter, limit, 0).await);
            assert_eq!(seen.len(), expected.len(), "{text} {filter:?}");
            assert_eq!(BTreeSet::from_iter(seen), expected, "{text} {filter:?}");
            let counted = store.search().count(&parsed(text), &filter, 1000).await;
            let counted = counted.unwrap();
            assert_eq!(counted, Counted::Exactly(expected.len() as u64));
        }
    }
}

/// However large the pages are, each match is in one of them, and in the same order.
pub async fn pages_hold_each_match_once(store: Arc<dyn Store>) {
    let crowd: Vec<Profile> = (0..10)
        .flat_map(|n| {
            [
                format!("Ana {n}"),
                format!("Anabel Ana-Anna {n}"),
                format!("Joana Banana {n}"),
                format!("Maria Ana{n}"),
                format!("Annabela{n} Anna"),
            ]
        })
        .map(|name| living_in(&name, "Anaheim"))
        .collect();
    save(&*store, &crowd).await;
    for text in [
        "ana",
        "an",
        "a",
        "anna",
        "ana ban",
        "anaheim ana",
        "anahiem",
        "anahiem bel",
    ] {
        let text = parsed(text);
        let whole = ids(&walk(&*store, &text, &everybody(), 1000, 0).await);
        let once: BTreeSet<_> = whole.iter().collect();
        assert_eq!(once.len(), whole.len(), "{text:?}");
        for limit in [1, 2, 3, 7, 20] {
            let pages = ids(&walk(&*store, &text, &everybody(), limit, 0).await);
            assert_eq!(pages, whole, "{text:?} by {limit}");
        }
        for skip in [1, 5, 49, 60] {
            let rest = ids(&walk(&*store, &text, &everybody(), 7, skip).await);
            let skip = usize::try_from(skip).unwrap().min(whole.len());
            assert_eq!(rest, &whole[skip..], "{text:?} after {skip}");
        }
    }
}

/// As many are passed over as is asked for, also where they are more than are read at once.
pub async fn a_long_skip_passes_over_as_many(store: Arc<dyn Store>) {
    let crowd: Vec<Profile> = (0..700)
        .map(|n| Profile {
            is_verified: n % 2 == 0,
            ..named(&format!("Ana {n} Silvana"))
        })
        .collect();
    for some in crowd.chunks(100) {
        save(&*store, some).await;
    }
    let verified = ProfileFilter {
        is_verified: Some(true),
        ..everybody()
    };
    // By the beginning of a name, and by parts of words.
    for text in ["ana", "lvan"] {
        for (filter, many) in [(everybody(), 700), (verified.clone(), 350)] {
            let text = parsed(text);
            let whole = ids(&walk(&*store, &text, &filter, 100, 0).await);
            assert_eq!(whole.len(), many, "{text:?}");
            for skip in [300_u32, 511, 512, 513, 600, 699, 700, 9_999] {
                let rest = ids(&walk(&*store, &text, &filter, 60, skip).await);
                let skip = usize::try_from(skip).unwrap().min(many);
                assert_eq!(rest, &whole[skip..], "{text:?} after {skip}");
            }
        }
    }
}

/// While others come, those who were there are still found once each.
pub async fn pages_hold_each_match_once_while_others_come(store: Arc<dyn Store>) {
    let crowd: Vec<Profile> = (0..40)
        .map(|n| named(&format!("Ana {n} Silvana")))
        .collect();
    save(&*store, &crowd).await;
    let busy = Arc::clone(&store);
    let coming = tokio::spawn(async move {
        for n in 0..40 {
            save(&*busy, &[named(&format!("Ana {n} Ana"))]).await;
        }
    });
    for text in ["ana", "silvana", "lvan", "na"] {
        let seen = ids(&walk(&*store, &parsed(text), &everybody(), 3, 0).await);
        let once: BTreeSet<_> = seen.iter().collect();
        assert_eq!(once.len(), seen.len(), "{text}");
        assert!(crowd.iter().all(|p| once.contains(&p.id)), "{text}");
    }
    coming.await.unwrap();
}

/// Whatever is asked, a page does its share and leads on; what is rare is found in the end.
pub async fn hostile_searches_are_bounded(store: Arc<dyn Store>) {
    let crowd: Vec<Profile> = (0..2_600)
        .map(|n| Profile {
            is_verified: n == 2_599,
            ..living_in(&format!("Aaaa aaa{} aab", n % 7), &"%".repeat(20))
        })
        .collect();
    for some in crowd.chunks(100) {
        save(&*store, some).await;
    }
    let rare = ProfileFilter {
        is_verified: Some(true),
        ..everybody()
    };
    for text in ["aa", "a", "%", "aab aaa", "aaa% aa", "%%%%%%% aa a", "aab"] {
        let seen = ids(&walk(&*store, &parsed(text), &rare, 20, 0).await);
        let expected = rank(&parsed(text), &crowd[2_599]).map(|_| crowd[2_599].id);
        assert_eq!(seen, Vec::from_iter(expected), "{text}");
        let counted = store.search().count(&parsed(text), &everybody(), 300).await;
        match counted.unwrap() {
            Counted::Exactly(count) => assert!(count == 0 || count == 2_600, "{text}: {count}"),
            Counted::AtLeast(count) => assert!(count < 2_600, "{text}: {count}"),
        }
    }
    for text in ["%", "a", "_", "\\", "'", "%_", "ab", "\u{10ffff}"] {
        let text: String = text.chars().cycle().take(100).collect();
        if let Ok(text) = SearchText::parse(&text) {
            assert_eq!(walk(&*store, &text, &everybody(), 20, 0).await, []);
        }
    }
    let many = (0..33).map(|n| char::from(b'b' + n % 25).to_string());
    let text = parsed(&many.collect::<Vec<_>>().join(" "));
    assert_eq!(walk(&*store, &text, &everybody(), 20, 0).await, []);
}

/// Building the index anew changes nothing that is found.
pub async fn an_index_may_be_built_anew(store: Arc<dyn Store>) {
    let crowd = corpus();
    save(&*store, &crowd).await;
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.search_index().index_pending(1000).await.unwrap(), 0);
    let (mut after, mut indexed) = (None, 0);
    while let Some((count, last)) = work.search_index().index_after(after, 20).await.unwrap() {
        indexed += count;
        after = Some(last);
    }
    work.commit().await.unwrap();
    assert_eq!(indexed, crowd.len() as u64);
    for text in ["ana", "王", "lisboa ana", "kierkegard"] {
        assert_agrees(&*store, &crowd, text).await;
    }
}
