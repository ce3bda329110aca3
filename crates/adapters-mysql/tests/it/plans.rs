//! Every read is answered from an index, however many profiles there are.

use std::time::Duration;

use user_service_adapters_mysql::{MySqlInspector, PoolOptions};
use user_service_testdb::TestDatabase;

use crate::cases;

/// See `cases::PROFILES`.
const LOAD: &[&str] = &[
    "INSERT INTO user_profiles (id, user_id, display_name, name_key, search_text, is_verified, \
     is_active, version, created_at, updated_at) SELECT unhex(lpad(hex(i), 32, '0')), \
     unhex(lpad(hex(i + 16777216), 32, '0')), concat('Name ', i), concat('name ', lpad(i, 5, \
     '0')), concat('name ', lpad(i, 5, '0')), 0, 1, 1, '2023-11-14 22:13:20' + INTERVAL i SECOND, \
     '2023-11-14 22:13:20' + INTERVAL i SECOND FROM (SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 \
     * e.d + 10000 * f.d AS i FROM (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL \
     SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION \
     ALL SELECT 8 UNION ALL SELECT 9) a, (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 \
     UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT \
     7 UNION ALL SELECT 8 UNION ALL SELECT 9) b, (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL \
     SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION \
     ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) c, (SELECT 0 AS d UNION ALL SELECT 1 \
     UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT \
     6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) e, (SELECT 0 AS d UNION ALL \
     SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION \
     ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) f) AS n WHERE i <= \
     99999",
    "INSERT INTO user_profile_activity (profile_id, last_login_at) SELECT id, created_at FROM \
     user_profiles",
    "INSERT INTO user_preferences (id, profile_id, language, timezone, theme, date_format, \
     time_format, email_notifications, push_notifications, sms_notifications, newsletter, \
     marketing, version, created_at, updated_at) SELECT id, id, 'en', 'UTC', 'auto', \
     'YYYY-MM-DD', '24h', 1, 1, 0, 0, 0, 1, created_at, updated_at FROM user_profiles",
    "INSERT INTO user_sessions (id, profile_id, token_digest, created_at, last_activity_at, \
     expires_at, follows_tokens, ended_at, ended_reason) SELECT unhex(lpad(hex(i), 32, '0')), \
     unhex(lpad(hex(i % 5000 + 1), 32, '0')), unhex(lpad(hex(i), 64, '0')), made, made, made + \
     INTERVAL IF(i % 5 = 1, 60, 3600000) SECOND, 1, IF(i % 5 = 0, made, NULL), IF(i % 5 = 0, \
     'logout', NULL) FROM (SELECT created_at AS made, CAST(conv(hex(id), 16, 10) AS UNSIGNED) - 1 \
     AS i FROM user_profiles) AS n",
    "INSERT INTO user_revocations (user_id, kind, session_id, token_digest, reason, revoked_at, \
     expires_at) SELECT user_id, IF(removed, 'removed', 'session'), IF(removed, NULL, s.id), \
     IF(removed, NULL, token_digest), IF(removed, NULL, 'revoked'), s.created_at, IF(removed, \
     NULL, expires_at) FROM (SELECT *, second(created_at) % 10 = 0 AS removed FROM user_sessions) \
     AS s JOIN user_profiles AS p ON p.id = s.profile_id",
    "UPDATE user_profiles SET avatar_id = id, avatar_digest = id, avatar_fallback = 'jpeg', \
     avatar_thumbhash = 'AAAA'",
    "INSERT INTO user_avatar_files (avatar_id, due_at) SELECT id, created_at FROM user_profiles",
    "INSERT INTO user_avatar_aliases (alias, profile_id) SELECT CONCAT(id, id), id FROM user_profiles",
    "INSERT INTO user_search_words SELECT 0, 'name' UNION ALL SELECT CAST(conv(hex(id), 16, 10) AS UNSIGNED), \
     substr(name_key, 6) FROM user_profiles",
    "INSERT INTO user_search_terms SELECT 1, word, word_id FROM user_search_words UNION SELECT 3, word, word_id FROM \
     user_search_words UNION SELECT 2, substr(word, 2), word_id FROM user_search_words UNION SELECT 2, substr(word, 3), \
     word_id FROM user_search_words UNION SELECT 2, substr(word, 4), word_id FROM user_search_words",
    "INSERT INTO user_search_postings SELECT 0, id FROM user_profiles UNION ALL SELECT \
     CAST(conv(hex(id), 16, 10) AS UNSIGNED), id FROM user_profiles",
    "UPDATE user_profiles SET is_active = 0, is_verified = 1 WHERE search_text LIKE '%200'",
    "UPDATE user_profiles SET search_version = 1 WHERE search_text NOT LIKE '%200'",
    "ANALYZE TABLE user_profiles, user_profile_activity, user_preferences, user_sessions, user_avatar_files, user_avatar_aliases, \
     user_revocations, user_search_words, user_search_terms, user_search_postings",
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
    let database = TestDatabase::mysql().await;
    user_service_migration::up(database.url()).await.unwrap();
    let inspector = MySqlInspector::connect(database.url(), loading())
        .await
        .unwrap();
    let lose = "DROP INDEX user_profiles_name_key_idx ON user_profiles";
    cases::reads_use_an_index(&inspector, LOAD, lose).await;
}
