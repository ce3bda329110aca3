//! Every read is answered from an index, however many profiles there are.

use user_service_adapters_sqlite::{PoolOptions, SqliteInspector};
use user_service_testdb::TestDatabase;

use crate::cases;

/// See `cases::PROFILES`.
const LOAD: &[&str] = &[
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) INSERT INTO \
     user_profiles (id, user_id, display_name, name_key, search_text, is_verified, is_active, \
     version, created_at, updated_at) SELECT unhex(printf('%032x', i)), unhex(printf('%032x', i + \
     0x1000000)), 'Name ' || i, printf('name %05d', i), printf('name %05d', i), 0, 1, 1, \
     strftime('%Y-%m-%dT%H:%M:%S+00:00', 1700000000 + i, 'unixepoch'), \
     strftime('%Y-%m-%dT%H:%M:%S+00:00', 1700000000 + i, 'unixepoch') FROM n",
    "INSERT INTO user_profile_activity (profile_id, last_login_at) SELECT id, created_at FROM \
     user_profiles",
    "INSERT INTO user_preferences (id, profile_id, language, timezone, theme, date_format, \
     time_format, email_notifications, push_notifications, sms_notifications, newsletter, \
     marketing, version, created_at, updated_at) SELECT id, id, 'en', 'UTC', 'auto', \
     'YYYY-MM-DD', '24h', 1, 1, 0, 0, 0, 1, created_at, updated_at FROM user_profiles",
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) INSERT INTO \
     user_sessions (id, profile_id, token_digest, created_at, last_activity_at, expires_at, \
     follows_tokens, ended_at, ended_reason) SELECT unhex(printf('%032x', i)), \
     unhex(printf('%032x', i % 5000 + 1)), unhex(printf('%064x', i)), \
     strftime('%Y-%m-%dT%H:%M:%S+00:00', 1700000000 + i, 'unixepoch'), \
     strftime('%Y-%m-%dT%H:%M:%S+00:00', 1700000000 + i, 'unixepoch'), \
     strftime('%Y-%m-%dT%H:%M:%S+00:00', 1700000000 + i + iif(i % 5 = 1, 60, 3600000), \
     'unixepoch'), 1, iif(i % 5 = 0, strftime('%Y-%m-%dT%H:%M:%S+00:00', 1700000000 + i, \
     'unixepoch'), NULL), iif(i % 5 = 0, 'logout', NULL) FROM n",
    "INSERT INTO user_revocations (user_id, kind, session_id, token_digest, reason, revoked_at, \
     expires_at) SELECT user_id, iif(s.rowid % 10, 'session', 'removed'), iif(s.rowid % 10, s.id, \
     NULL), iif(s.rowid % 10, token_digest, NULL), iif(s.rowid % 10, 'revoked', NULL), \
     s.created_at, iif(s.rowid % 10, s.expires_at, NULL) FROM user_sessions AS s JOIN \
     user_profiles AS p ON p.id = s.profile_id",
    "UPDATE user_profiles SET avatar_id = id, avatar_digest = id, avatar_fallback = 'jpeg', \
     avatar_thumbhash = 'AAAA'",
    "INSERT INTO user_avatar_files (avatar_id, due_at) SELECT id, created_at FROM user_profiles",
    "INSERT INTO user_avatar_aliases (alias, profile_id) SELECT unhex(hex(id) || hex(id)), id FROM user_profiles",
    "INSERT INTO user_search_words SELECT 0, 'name' UNION ALL SELECT rowid, printf('%05d', rowid) FROM user_profiles",
    "INSERT INTO user_search_terms SELECT 1, word, word_id FROM user_search_words UNION SELECT 3, word, word_id FROM \
     user_search_words UNION SELECT 2, substr(word, 2), word_id FROM user_search_words UNION SELECT 2, substr(word, 3), \
     word_id FROM user_search_words UNION SELECT 2, substr(word, 4), word_id FROM user_search_words",
    "INSERT INTO user_search_postings SELECT 0, id FROM user_profiles UNION ALL SELECT rowid, id FROM user_profiles",
    "UPDATE user_profiles SET is_active = 0, is_verified = 1 WHERE search_text LIKE '%200'",
    "UPDATE user_profiles SET search_version = 1 WHERE rowid % 200 > 0",
    "ANALYZE",
];

#[tokio::test]
async fn reads_use_an_index() {
    let database = TestDatabase::sqlite().await;
    user_service_migration::up(database.url()).await.unwrap();
    let inspector = SqliteInspector::connect(database.url(), PoolOptions::default())
        .await
        .unwrap();
    let lose = "DROP INDEX user_profiles_name_key_idx";
    cases::reads_use_an_index(&inspector, LOAD, lose).await;
}
