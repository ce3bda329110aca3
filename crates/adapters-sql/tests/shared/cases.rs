//! What the tests of every engine share.

use chrono::{DateTime, Utc};
use sea_orm::DbBackend;
use sea_orm::sea_query::SelectStatement;
use user_service_adapters_sql::statements::{self, Beginning, TermKind};
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::ids::{AvatarId, PreferencesId, ProfileId, SessionId, UserId};
use user_service_domain::profile::{
    KeyValue, Keyset, Position, ProfileFilter, ProfileKey, ProfileOrder, ProfileQuery, SortBy,
};
use user_service_domain::revocation::FeedPosition;
use user_service_domain::session::{SessionFilter, TokenDigest};
use uuid::Uuid;

/// The profiles that the engine's `load` makes: id `n`, user `USERS + n`, made `n` seconds after `EPOCH`.
pub(crate) const PROFILES: u128 = 99_999;
pub(crate) const USERS: u128 = 0x0100_0000;
pub(crate) const EPOCH: i64 = 1_700_000_000;

/// The sessions that the engine's `load` makes: id and token `n` of profile `n % 5000 + 1`, made `n` seconds
/// after `EPOCH`. A fifth has ended, a fifth lapses soon. As many revocations, of the same persons and moments.
pub(crate) const SESSIONS: u128 = 100_000;

/// The index of the search that the engine's `load` makes: word `n` is `n` with five digits, of profile `n`, found
/// from each digit on; word 0 is of all. Deletions are as the words. A hundred profiles are not indexed yet.
///
/// A statement and how its plan may be.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) select: SelectStatement,
    /// Whether the plan may sort.
    pub(crate) may_sort: bool,
    /// Whether an index may be walked from its end until the limit is reached.
    pub(crate) may_walk: bool,
}

fn case(name: impl Into<String>, select: SelectStatement) -> Case {
    Case {
        name: name.into(),
        select,
        may_sort: false,
        may_walk: true,
    }
}

fn keyset(by: SortBy) -> Keyset {
    let middle = PROFILES / 2;
    let value = match by {
        SortBy::CreatedAt => {
            let seconds = EPOCH + i64::try_from(middle).unwrap();
            KeyValue::Time(DateTime::<Utc>::from_timestamp(seconds, 0).unwrap())
        }
        SortBy::DisplayName => KeyValue::Text(format!("name {middle:05}")),
    };
    Keyset {
        value,
        id: ProfileId::new(Uuid::from_u128(middle)),
    }
}

/// Every read that must be answered from an index.
pub(crate) fn cases(backend: DbBackend) -> Vec<Case> {
    let id = ProfileKey::Id(ProfileId::new(Uuid::from_u128(7)));
    let user = ProfileKey::User(UserId::new(Uuid::from_u128(USERS + 7)));
    let mut cases = vec![
        case("profile by id", statements::find_profile(id)),
        case("profile by user", statements::find_profile(user)),
        case("account by id", statements::find_account(id)),
        case("account by user", statements::find_account(user)),
    ];
    for by in [SortBy::CreatedAt, SortBy::DisplayName] {
        for descending in [false, true] {
            let order = ProfileOrder { by, descending };
            for position in [Position::Offset(0), Position::After(keyset(by))] {
                let name = format!("{order:?} {position:?}");
                let query = ProfileQuery {
                    filter: ProfileFilter::default(),
                    order,
                    position,
                    limit: 20,
                };
                cases.push(case(name, statements::list_profiles(&query)));
            }
        }
    }
    cases.extend(filtered_cases());
    let ids = (1..=5)
        .map(|n| ProfileId::new(Uuid::from_u128(n * 100)))
        .collect();
    let query = ProfileQuery {
        filter: ProfileFilter {
            ids: Some(ids),
            ..ProfileFilter::default()
        },
        order: ProfileOrder::default(),
        position: Position::Offset(0),
        limit: 20,
    };
    cases.push(Case {
        may_sort: true,
        ..case("by ids", statements::list_profiles(&query))
    });
    let bounded = session_cases(backend).into_iter().chain(search_cases());
    cases.extend(bounded.map(|case| Case {
        may_walk: false,
        ..case
    }));
    cases.extend(indexing_cases());
    cases.extend(account_cases());
    cases
}

/// The reads of many accounts. What was read may be sorted.
fn account_cases() -> Vec<Case> {
    let middle = ProfileId::new(Uuid::from_u128(PROFILES / 2));
    let ids: Vec<_> = (1..=5)
        .map(|n| ProfileId::new(Uuid::from_u128(n * 100)))
        .collect();
    let users: Vec<_> = (1..=5)
        .map(|n| UserId::new(Uuid::from_u128(USERS + n * 100)))
        .collect();
    let preferences: Vec<_> = (1..=5)
        .map(|n| PreferencesId::new(Uuid::from_u128(n * 100)))
        .collect();
    let sessions: Vec<_> = (1..=5)
        .map(|n| SessionId::new(Uuid::from_u128(n * 100)))
        .collect();
    [
        ("all accounts", statements::accounts_after(None, 20)),
        (
            "accounts past an id",
            statements::accounts_after(Some(middle), 20),
        ),
        ("accounts of people", statements::lock_profiles_of(&users)),
        ("preferences of profiles", statements::preferences_of(&ids)),
        ("taken profiles", statements::taken_profiles(&ids)),
        (
            "taken preferences",
            statements::taken_preferences(&preferences),
        ),
        ("taken sessions", statements::taken_sessions(&sessions)),
        ("tokens of profiles", statements::tokens_of(&ids)),
    ]
    .map(|(name, select)| Case {
        may_sort: true,
        ..case(name, select)
    })
    .into()
}

fn second(n: u128) -> DateTime<Utc> {
    let seconds = EPOCH + i64::try_from(n).unwrap();
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// Lists and totals of the few that are inactive, and verified.
fn filtered_cases() -> Vec<Case> {
    let inactive = ProfileFilter {
        is_active: Some(false),
        ..ProfileFilter::default()
    };
    let verified = ProfileFilter {
        is_verified: Some(true),
        ..ProfileFilter::default()
    };
    let mut cases = Vec::new();
    for (name, filter) in [("inactive", inactive), ("verified", verified)] {
        for position in [
            Position::Offset(0),
            Position::After(keyset(SortBy::CreatedAt)),
        ] {
            let query = ProfileQuery {
                filter: filter.clone(),
                order: ProfileOrder::default(),
                position,
                limit: 20,
            };
            cases.push(Case {
                may_walk: false,
                ..case(
                    format!("{name}, newest first"),
                    statements::list_profiles(&query),
                )
            });
        }
        cases.push(Case {
            may_walk: false,
            ..case(
                format!("total of {name}"),
                statements::count_profiles(&filter, 1001),
            )
        });
    }
    cases.push(case(
        "total",
        statements::count_profiles(&ProfileFilter::default(), 1001),
    ));
    cases
}

/// The reads of sessions and of the feed. A person's few sessions may be sorted.
fn session_cases(backend: DbBackend) -> Vec<Case> {
    let of = ProfileId::new(Uuid::from_u128(8));
    let user = UserId::new(Uuid::from_u128(USERS + 8));
    let mut token = [0; 32];
    token[16..].copy_from_slice(&7_u128.to_be_bytes());
    let token = TokenDigest(token);
    let now = second(SESSIONS / 2);
    let sorting = |case: Case| Case {
        may_sort: true,
        ..case
    };
    let avatars: Vec<_> = (1..=3).map(|n| AvatarId::new(Uuid::from_u128(n))).collect();
    let mut alias = [0; 32];
    alias[15] = 8;
    alias[31] = 8;
    let alias = AvatarAlias(alias);
    let list = |filter| statements::list_sessions(of, filter, now, 20);
    let middle = FeedPosition(i64::try_from(SESSIONS / 2).unwrap());
    vec![
        case("standing", statements::standing(user, None)),
        case(
            "standing in a session",
            statements::standing(user, Some(token)),
        ),
        sorting(case("sessions", list(SessionFilter::All))),
        sorting(case("sessions in use", list(SessionFilter::Active))),
        sorting(case("ended sessions", list(SessionFilter::Ended))),
        sorting(case(
            "active sessions",
            statements::active_sessions(of, now),
        )),
        sorting(case(
            "renewable sessions",
            statements::renewable_sessions(of, now),
        )),
        case(
            "session of a token",
            statements::find_session_by_token(of, token),
        ),
        case(
            "session of an id",
            statements::find_session(of, SessionId::new(Uuid::from_u128(7))),
        ),
        case(
            "lapsed sessions",
            statements::lapsed_sessions(backend, now, 500),
        ),
        case("outlived sessions", statements::outlived_sessions(now, 500)),
        case(
            "sessions with addresses",
            statements::addressed_sessions(now, None, 500),
        ),
        case(
            "further sessions with addresses",
            statements::addressed_sessions(
                now,
                Some((second(SESSIONS / 4), SessionId::new(Uuid::from_u128(7)))),
                500,
            ),
        ),
        case(
            "profile of an alias",
            statements::find_profile_by_alias(alias),
        ),
        case("due files", statements::due_avatar_files(now, 500)),
        case("noted files", statements::noted_avatar_files(&avatars)),
        case("owned avatars", statements::owned_avatars(&avatars)),
        case(
            "feed from its start",
            statements::revocations_after(FeedPosition(0), 500),
        ),
        case(
            "feed from its middle",
            statements::revocations_after(middle, 500),
        ),
        case("end of the feed", statements::last_revocation()),
        case(
            "outlived revocations",
            statements::outlived_revocations(now, 500),
        ),
    ]
}

/// The reads of a search.
fn search_cases() -> Vec<Case> {
    let middle = ProfileId::new(Uuid::from_u128(PROFILES / 2));
    let ids: Vec<_> = (1..=40)
        .map(|n| ProfileId::new(Uuid::from_u128(n * 100)))
        .collect();
    let words: Vec<i64> = (0..40).map(|n| n * 100).collect();
    let terms: Vec<String> = (0..10).map(|n| format!("{:05}", n * 100)).collect();
    let name = Beginning::with("name 1");
    let number = Beginning::with("1");
    let (start, inner, typo) = (TermKind::Start, TermKind::Inner, TermKind::Typo);
    vec![
        case(
            "found names",
            statements::candidates_by_name(&name, None, 50),
        ),
        case(
            "found names past a place",
            statements::candidates_by_name(&name, Some(("name 12345", middle)), 50),
        ),
        case("candidates", statements::candidates(&ids)),
        case(
            "words",
            statements::words_from_term(start, &number, None, 64),
        ),
        case(
            "words past a place",
            statements::words_from_term(inner, &number, Some(("123", 5000)), 64),
        ),
        case(
            "words of terms",
            statements::words_of_terms(typo, &terms, 65),
        ),
        case(
            "words of a term",
            statements::words_of_term(typo, "00100", None, 64),
        ),
        case(
            "words of a term past a place",
            statements::words_of_term(typo, "00100", Some(7), 64),
        ),
        case(
            "postings of words",
            statements::postings_of_words(&words, 200),
        ),
        case(
            "postings of a word",
            statements::postings_of_word(0, None, 200),
        ),
        case(
            "postings of a word past a place",
            statements::postings_of_word(0, Some(middle), 200),
        ),
        case("known words", statements::known_words(&words)),
        case("searched text", statements::searched(middle)),
    ]
}

/// The reads that build the index.
fn indexing_cases() -> Vec<Case> {
    let middle = ProfileId::new(Uuid::from_u128(PROFILES / 2));
    vec![
        case("unindexed profiles", statements::unindexed_profiles(500)),
        case(
            "profiles to index",
            statements::profiles_to_index(None, 500),
        ),
        case(
            "profiles to index past a place",
            statements::profiles_to_index(Some(middle), 500),
        ),
    ]
}

/// The script of a plan does by hand what `up` does.
pub(crate) async fn a_plan_may_be_run_by_hand(url: &str, run: impl AsyncFnOnce(&str)) {
    let script = user_service_migration::script(url).await.unwrap().unwrap();
    run(&script).await;
    assert!(user_service_migration::is_current(url).await.unwrap());
    assert_eq!(user_service_migration::script(url).await.unwrap(), None);
    assert!(user_service_migration::up(url).await.unwrap().is_empty());
    user_service_migration::down(url, 100).await.unwrap();
}

/// Up, again, back and forth, and four at once.
pub(crate) async fn migrations_live(url: &str) {
    let all = user_service_migration::plan(url).await.unwrap();
    assert!(all.len() >= 8 && all.iter().all(|(_, sql)| !sql.contains('{')));
    assert!(!user_service_migration::is_current(url).await.unwrap());

    let (a, b, c, d) = tokio::join!(
        user_service_migration::up(url),
        user_service_migration::up(url),
        user_service_migration::up(url),
        user_service_migration::up(url),
    );
    let applied: Vec<_> = [a, b, c, d].into_iter().flat_map(Result::unwrap).collect();
    assert!(
        applied.iter().eq(all.iter().map(|(name, _)| name)),
        "each once: {applied:?}"
    );

    assert!(user_service_migration::up(url).await.unwrap().is_empty());
    assert!(user_service_migration::is_current(url).await.unwrap());
    assert!(user_service_migration::plan(url).await.unwrap().is_empty());

    let newest = user_service_migration::down(url, 1).await.unwrap();
    assert_eq!(newest.as_slice(), &applied[applied.len() - 1..]);
    let status = user_service_migration::status(url).await.unwrap();
    assert_eq!(status.iter().filter(|change| !change.applied).count(), 1);

    let rest = user_service_migration::down(url, 100).await.unwrap();
    assert_eq!(rest.len(), applied.len() - 1);
    assert_eq!(user_service_migration::up(url).await.unwrap(), applied);
}
