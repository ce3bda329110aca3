//! Every read is answered from an index, however many profiles there are.

use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult};
use user_service_adapters_mysql::{PoolOptions, open};
use user_service_adapters_sql::build;
use user_service_testdb::TestDatabase;

use crate::cases::{Case, cases};

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
     20000",
    "INSERT INTO user_profile_activity (profile_id, last_login_at) SELECT id, created_at FROM \
     user_profiles",
    "INSERT INTO user_preferences (id, profile_id, language, timezone, theme, date_format, \
     time_format, email_notifications, push_notifications, sms_notifications, newsletter, \
     marketing, version, created_at, updated_at) SELECT id, id, 'en', 'UTC', 'auto', \
     'YYYY-MM-DD', '24h', 1, 1, 0, 0, 0, 1, created_at, updated_at FROM user_profiles",
    "ANALYZE TABLE user_profiles, user_profile_activity, user_preferences",
];

async fn plan(db: &DatabaseConnection, case: &Case) -> Vec<String> {
    let backend = db.get_database_backend();
    let mut statement = build(backend, &case.select);
    statement.sql.insert_str(0, "EXPLAIN ");
    let rows = db.query_all_raw(statement).await.unwrap();
    let text = |row: &QueryResult, column| {
        row.try_get::<Option<String>>("", column)
            .unwrap()
            .unwrap_or_default()
    };
    rows.iter()
        .map(|row| {
            format!(
                "type={} key={} {}",
                text(row, "type"),
                text(row, "key"),
                text(row, "Extra")
            )
        })
        .collect()
}

#[tokio::test]
async fn reads_use_an_index() {
    let database = TestDatabase::mysql().await;
    user_service_migration::up(database.url()).await.unwrap();
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let db = store.connection();
    for sql in LOAD {
        db.execute_unprepared(sql).await.unwrap();
    }
    for case in cases() {
        let plan = plan(db, &case).await;
        assert!(
            !plan
                .iter()
                .any(|step| step.contains("type=ALL") || step.contains("key= ")),
            "{}: {plan:#?}",
            case.name
        );
        if case.name.contains("After") {
            assert!(plan[0].contains("type=range"), "{}: {plan:#?}", case.name);
        }
        let sorts = plan
            .iter()
            .any(|step| step.contains("filesort") || step.contains("temporary"));
        assert!(case.may_sort || !sorts, "{}: {plan:#?}", case.name);
    }
    store.close().await.unwrap();
}
