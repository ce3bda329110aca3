//! What the tests of every engine share.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait as _;
use user_service_adapters_sql::hot::{
    SampleProfile, Samples, Slow, hot_statements, indexes, slow_statements,
};
use user_service_adapters_sql::inspect::Inspector;
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::ids::{AvatarId, PreferencesId, ProfileId, SessionId, UserId};
use user_service_domain::revocation::FeedPosition;
use user_service_domain::session::TokenDigest;
use user_service_migration::MigrateError;
use uuid::Uuid;

/// The profiles that the engine's `load` makes: id `n`, user `USERS + n`, made `n` seconds after `EPOCH`.
pub(crate) const PROFILES: u128 = 99_999;
pub(crate) const USERS: u128 = 0x0100_0000;
pub(crate) const EPOCH: i64 = 1_700_000_000;

/// The sessions that the engine's `load` makes: id and token `n` of profile `n % 5000 + 1`, made `n` seconds
/// after `EPOCH`. A fifth has ended, a fifth lapses soon. As many revocations, of the same persons and moments.
pub(crate) const SESSIONS: u128 = 100_000;

fn second(n: u128) -> DateTime<Utc> {
    let seconds = EPOCH + i64::try_from(n).unwrap();
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn profile(n: u128) -> SampleProfile {
    SampleProfile {
        id: ProfileId::new(Uuid::from_u128(n)),
        user: UserId::new(Uuid::from_u128(USERS + n)),
        created_at: second(n),
        name_key: format!("name {n:05}"),
        avatar: Some(AvatarId::new(Uuid::from_u128(n))),
    }
}

/// What the engine's `load` makes. The index of the search: word `n` is `n` with five digits, of profile `n`, found
/// from each digit on; word 0 is of all. Deletions are as the words. A hundred profiles are not indexed yet.
fn samples() -> Samples {
    let mut token = [0; 32];
    token[16..].copy_from_slice(&7_u128.to_be_bytes());
    let mut alias = [0; 32];
    alias[15] = 8;
    alias[31] = 8;
    Samples {
        profiles: (1..=40).map(|n| profile(n * 100)).collect(),
        middle: profile(PROFILES / 2),
        session_of: profile(8),
        preferences: (1..=5)
            .map(|n| PreferencesId::new(Uuid::from_u128(n * 100)))
            .collect(),
        session: SessionId::new(Uuid::from_u128(7)),
        addressed: (second(SESSIONS / 4), SessionId::new(Uuid::from_u128(7))),
        token: TokenDigest(token),
        now: second(SESSIONS / 2),
        position: FeedPosition(i64::try_from(SESSIONS / 2).unwrap()),
        alias: AvatarAlias(alias),
        words: (0..40).map(|n| n * 100).collect(),
        common_word: 0,
        terms: (0..10).map(|n| format!("{:05}", n * 100)).collect(),
        term: ("12300".to_owned(), 5000),
        name_prefix: "name 4".to_owned(),
        term_prefix: "1".to_owned(),
    }
}

/// The indexes are those that operators are told of; every hot statement is answered from them, however many rows there
/// are; and one that is gone is missed.
pub(crate) async fn reads_use_an_index(inspector: &dyn Inspector, load: &[&str], lose: &str) {
    let db = inspector.connection();
    let backend = db.get_database_backend();
    let known = inspector.indexes().await.unwrap();
    let declared = indexes(backend);
    for index in &declared {
        let met = known.iter().any(|known| index.is_met_by(known));
        assert!(met, "{} is not there: {known:#?}", index.name);
    }
    for known in &known {
        let is_primary = known.name == "PRIMARY" || known.name.ends_with("_pkey");
        let is_told = is_primary
            || known.name.starts_with("sqlite_autoindex_")
            || declared.iter().any(|index| index.name == known.name);
        assert!(is_told, "{known:?} is not in `hot::indexes`");
    }

    for sql in load {
        db.execute_unprepared(sql).await.unwrap();
    }
    for hot in hot_statements(backend, &samples()) {
        let plan = inspector.plan(&hot.form).await.unwrap();
        assert_eq!(
            inspector.fault(&plan, &hot),
            None,
            "{}: {plan:#?}",
            hot.name
        );
        for index in hot.indexes {
            let told = declared.iter().any(|declared| declared.name == *index);
            assert!(told, "{}: {index}", hot.name);
        }
    }

    let now = second(SESSIONS / 2);
    let slow = slow_statements(inspector, now).await.unwrap();
    assert!(slow.is_empty(), "{slow:#?}");
    db.execute_unprepared(lose).await.unwrap();
    let slow = slow_statements(inspector, now).await.unwrap();
    assert_eq!(slow.len(), 1, "{slow:#?}");
    let missed = slow.into_iter().find_map(|slow| match slow {
        Slow::Missing {
            index,
            create,
            statements,
        } => Some((index, create, statements)),
        Slow::Unused { .. } => None,
    });
    let (index, create, statements) = missed.unwrap();
    assert_eq!(index.name, "user_profiles_name_key_idx");
    assert!(
        statements.contains(&"list by name, up".to_owned()),
        "{statements:?}"
    );
    db.execute_unprepared(&create).await.unwrap();
    // Until the engine has looked at what is new it may pass over it; then that is told, with what helps.
    for slow in slow_statements(inspector, now).await.unwrap() {
        assert!(matches!(slow, Slow::Unused { .. }), "{slow:#?}");
        if let Slow::Unused { analyze, .. } = &slow {
            db.execute_unprepared(analyze).await.unwrap();
        }
    }
    let slow = slow_statements(inspector, now).await.unwrap();
    assert!(slow.is_empty(), "{slow:#?}");
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

/// What a newer release has applied is told, and neither added to nor taken back.
pub(crate) async fn a_newer_schema_is_left_alone(url: &str, run: impl AsyncFn(&str)) {
    const NEWER: &str = "m99991231_000001_of_a_newer_release";
    user_service_migration::up(url).await.unwrap();
    let note =
        format!("INSERT INTO user_service_migrations (version, applied_at) VALUES ('{NEWER}', 0)");
    run(&note).await;
    let status = user_service_migration::status(url).await.unwrap();
    let newer: Vec<_> = status.iter().filter(|change| !change.known).collect();
    assert_eq!((newer.len(), &*newer[0].name), (1, NEWER));
    assert!(status.iter().all(|change| change.applied));
    // The program of the release before starts all the same, also where it would migrate.
    assert!(user_service_migration::is_current(url).await.unwrap());
    assert!(user_service_migration::up(url).await.unwrap().is_empty());
    assert_eq!(user_service_migration::script(url).await.unwrap(), None);
    let down = user_service_migration::down(url, 1).await;
    assert!(matches!(down, Err(MigrateError::Newer(names)) if names == NEWER));
    let known = &status[status.len() - 2].name;
    run(&format!(
        "DELETE FROM user_service_migrations WHERE version = '{known}'"
    ))
    .await;
    let up = user_service_migration::up(url).await;
    assert!(matches!(up, Err(MigrateError::Newer(names)) if names == NEWER));
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
