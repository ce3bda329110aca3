//! Every read is answered from an index, however many profiles there are.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use user_service_adapters_postgres::{PoolOptions, PostgresInspector, open};
use user_service_domain::ids::SessionId;
use user_service_domain::profile::{Account, Profile};
use user_service_domain::session::{Device, Session, TokenDigest};
use user_service_domain::store::Store;
use user_service_testdb::TestDatabase;
use user_service_testkit::account;

use crate::cases;

/// See `cases::PROFILES`.
const LOAD: &[&str] = &[
    "INSERT INTO user_profiles (id, user_id, display_name, name_key, search_text, is_verified, \
     is_active, version, created_at, updated_at) SELECT lpad(to_hex(i), 32, '0')::uuid, \
     lpad(to_hex(i + 16777216), 32, '0')::uuid, 'Name ' || i, 'name ' || lpad(i::text, 5, '0'), \
     'name ' || lpad(i::text, 5, '0'), false, true, 1, to_timestamp(1700000000 + i), \
     to_timestamp(1700000000 + i) FROM generate_series(1, 99999) AS i",
    "INSERT INTO user_profile_activity (profile_id, last_login_at) SELECT id, created_at FROM \
     user_profiles",
    "INSERT INTO user_preferences (id, profile_id, language, timezone, theme, date_format, \
     time_format, email_notifications, push_notifications, sms_notifications, newsletter, \
     marketing, version, created_at, updated_at) SELECT id, id, 'en', 'UTC', 'auto', \
     'YYYY-MM-DD', '24h', true, true, false, false, false, 1, created_at, updated_at FROM \
     user_profiles",
    "INSERT INTO user_sessions (id, profile_id, token_digest, created_at, last_activity_at, \
     expires_at, follows_tokens, ended_at, ended_reason) SELECT lpad(to_hex(i), 32, '0')::uuid, \
     lpad(to_hex(i % 5000 + 1), 32, '0')::uuid, decode(lpad(to_hex(i), 64, '0'), 'hex'), \
     to_timestamp(1700000000 + i), to_timestamp(1700000000 + i), to_timestamp(1700000000 + i + \
     CASE i % 5 WHEN 1 THEN 60 ELSE 3600000 END), true, CASE i % 5 WHEN 0 THEN \
     to_timestamp(1700000000 + i) END, CASE i % 5 WHEN 0 THEN 'logout' END FROM \
     generate_series(0, 99999) AS i",
    "INSERT INTO user_revocations (user_id, kind, session_id, token_digest, reason, revoked_at, \
     expires_at) SELECT user_id, CASE WHEN removed THEN 'removed' ELSE 'session' END, CASE WHEN \
     NOT removed THEN s.id END, CASE WHEN NOT removed THEN token_digest END, CASE WHEN NOT \
     removed THEN 'revoked' END, s.created_at, CASE WHEN NOT removed THEN expires_at END FROM \
     (SELECT *, get_byte(token_digest, 31) % 10 = 0 AS removed FROM user_sessions) AS s JOIN \
     user_profiles AS p ON p.id = s.profile_id ORDER BY s.created_at",
    "UPDATE user_profiles SET avatar_id = id, avatar_digest = uuid_send(id), avatar_fallback = 'jpeg', \
     avatar_thumbhash = 'AAAA'",
    "INSERT INTO user_avatar_files (avatar_id, due_at) SELECT id, created_at FROM user_profiles",
    "INSERT INTO user_avatar_aliases (alias, profile_id) SELECT uuid_send(id) || uuid_send(id), id FROM user_profiles",
    "INSERT INTO user_search_words SELECT i, CASE i WHEN 0 THEN 'name' ELSE lpad(i::text, 5, '0') END FROM \
     generate_series(0, 99999) AS i",
    "INSERT INTO user_search_terms SELECT 1, word, word_id FROM user_search_words UNION SELECT 3, word, word_id FROM \
     user_search_words UNION SELECT 2, substr(word, n), word_id FROM user_search_words, generate_series(2, 4) AS n",
    "INSERT INTO user_search_postings SELECT 0, id FROM user_profiles UNION ALL SELECT i, \
     lpad(to_hex(i), 32, '0')::uuid FROM generate_series(1, 99999) AS i",
    "UPDATE user_profiles SET is_active = false, is_verified = true WHERE search_text LIKE '%200'",
    "UPDATE user_profiles SET search_version = 1 WHERE search_text NOT LIKE '%200'",
    "ANALYZE",
];

/// Loading takes longer than a request may.
fn loading() -> PoolOptions {
    PoolOptions {
        max_connections: 1,
        acquire_timeout: Duration::from_secs(30),
        statement_timeout: Duration::from_mins(2),
        ..PoolOptions::default()
    }
}

#[tokio::test]
async fn reads_use_an_index() {
    let database = TestDatabase::postgres().await;
    user_service_migration::up(database.url()).await.unwrap();
    let inspector = PostgresInspector::connect(database.url(), loading())
        .await
        .unwrap();
    let lose = "DROP INDEX user_profiles_name_key_idx";
    cases::reads_use_an_index(&inspector, LOAD, lose).await;
}

/// A connection keeps the plans of its statements, and while an import fills a table the best plan is soon another one.
#[tokio::test]
async fn plans_of_imports_are_made_anew() {
    let database = TestDatabase::postgres().await;
    user_service_migration::up(database.url()).await.unwrap();
    let store = open(database.url(), loading()).await.unwrap();
    for n in 0..BATCHES.unsigned_abs() {
        import(&store, [account(2 * n), account(2 * n + 1)]).await;
    }
    let sql = "SELECT statement, custom_plans::int, generic_plans::int FROM pg_prepared_statements WHERE statement \
               ~ '^SELECT.* IN [(][$]'";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = store.connection().query_all_raw(statement).await.unwrap();
    let plans: Vec<(String, i32, i32)> = rows
        .iter()
        .map(|row| row.try_get_many_by_index().unwrap())
        .collect();
    // People, taken ids of profiles, preferences and sessions, tokens, and words.
    assert_eq!(plans.len(), 6, "{plans:#?}");
    for (statement, anew, kept) in plans {
        assert_eq!((anew, kept), (BATCHES, 0), "{statement}");
    }
    store.close().await.unwrap();
}

/// More than the executions after which PostgreSQL would keep a plan, five.
const BATCHES: i32 = 10;

/// What an import does for a batch of new people with a session each.
async fn import(store: &dyn Store, accounts: [Account; 2]) {
    let users = accounts.each_ref().map(|account| account.profile.user_id);
    let profiles = accounts.each_ref().map(|account| account.profile.id);
    let preferences = accounts.each_ref().map(|account| account.preferences.id);
    let sessions = accounts.each_ref().map(|account| session(&account.profile));
    let mut work = store.begin().await.unwrap();
    let found = work.accounts().find_for_update(&users).await.unwrap();
    assert!(found.is_empty());
    work.accounts()
        .taken(&profiles, &preferences)
        .await
        .unwrap();
    work.accounts().insert(&accounts).await.unwrap();
    let stored = work.accounts().insert_sessions(&sessions).await.unwrap();
    assert_eq!(stored, 2);
    work.commit().await.unwrap();
}

fn session(of: &Profile) -> Session {
    let id = of.id.get();
    Session {
        id: SessionId::new(id),
        profile_id: of.id,
        token: TokenDigest(
            [*id.as_bytes(), *id.as_bytes()]
                .concat()
                .try_into()
                .unwrap(),
        ),
        device: Device::default(),
        ip_address: None,
        user_agent: None,
        created_at: of.created_at,
        last_activity_at: of.created_at,
        expires_at: of.created_at,
        follows_tokens: true,
        ended: None,
    }
}
