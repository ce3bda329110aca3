//! What the tests of every engine share.

use chrono::{DateTime, Utc};
use sea_orm::DbBackend;
use sea_orm::sea_query::SelectStatement;
use user_service_adapters_sql::statements;
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::ids::{AvatarId, ProfileId, SessionId, UserId};
use user_service_domain::profile::{
    KeyValue, Keyset, Position, ProfileFilter, ProfileKey, ProfileOrder, ProfileQuery, SortBy,
};
use user_service_domain::revocation::FeedPosition;
use user_service_domain::session::{SessionFilter, TokenDigest};
use uuid::Uuid;

/// The profiles that the engine's `load` makes: id `n`, user `USERS + n`, made `n` seconds after `EPOCH`.
pub(crate) const PROFILES: u128 = 20_000;
pub(crate) const USERS: u128 = 0x0100_0000;
pub(crate) const EPOCH: i64 = 1_700_000_000;

/// The sessions that the engine's `load` makes: id and token `n` of profile `n % 5000 + 1`, made `n` seconds
/// after `EPOCH`. A fifth has ended, a fifth lapses soon. As many revocations, of the same persons and moments.
pub(crate) const SESSIONS: u128 = 20_000;

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
    cases.extend(session_cases(backend).into_iter().map(|case| Case {
        may_walk: false,
        ..case
    }));
    cases
}

fn second(n: u128) -> DateTime<Utc> {
    let seconds = EPOCH + i64::try_from(n).unwrap();
    DateTime::from_timestamp(seconds, 0).unwrap()
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
