//! Every read is answered from an index, however many profiles there are.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use user_service_adapters_postgres::{PoolOptions, open};
use user_service_adapters_sql::build;
use user_service_testdb::TestDatabase;

use crate::cases::{Case, cases};

/// See `cases::PROFILES`.
const LOAD: &[&str] = &[
    "INSERT INTO user_profiles (id, user_id, display_name, name_key, search_text, is_verified, \
     is_active, version, created_at, updated_at) SELECT lpad(to_hex(i), 32, '0')::uuid, \
     lpad(to_hex(i + 16777216), 32, '0')::uuid, 'Name ' || i, 'name ' || lpad(i::text, 5, '0'), \
     'name ' || lpad(i::text, 5, '0'), false, true, 1, to_timestamp(1700000000 + i), \
     to_timestamp(1700000000 + i) FROM generate_series(1, 20000) AS i",
    "INSERT INTO user_profile_activity (profile_id, last_login_at) SELECT id, created_at FROM \
     user_profiles",
    "INSERT INTO user_preferences (id, profile_id, language, timezone, theme, date_format, \
     time_format, email_notifications, push_notifications, sms_notifications, newsletter, \
     marketing, version, created_at, updated_at) SELECT id, id, 'en', 'UTC', 'auto', \
     'YYYY-MM-DD', '24h', true, true, false, false, false, 1, created_at, updated_at FROM \
     user_profiles",
    "ANALYZE",
];

async fn plan(db: &DatabaseConnection, case: &Case) -> Vec<String> {
    let backend = db.get_database_backend();
    let mut statement = build(backend, &case.select);
    statement.sql.insert_str(0, "EXPLAIN (COSTS OFF) ");
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index::<String>(0).unwrap())
        .collect()
}

#[tokio::test]
async fn reads_use_an_index() {
    let database = TestDatabase::postgres().await;
    user_service_migration::up(database.url()).await.unwrap();
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let db = store.connection();
    for sql in LOAD {
        db.execute_unprepared(sql).await.unwrap();
    }
    for case in cases() {
        let plan = plan(db, &case).await;
        assert!(
            !plan.iter().any(|step| step.contains("Seq Scan")),
            "{}: {plan:#?}",
            case.name
        );
        assert!(
            plan.iter().any(|step| step.contains("Index")),
            "{}: {plan:#?}",
            case.name
        );
        if case.name.contains("After") {
            assert!(
                plan.iter()
                    .any(|step| step.contains("Index Cond: ((created_at")
                        || step.contains("Index Cond: (created_at")
                        || step.contains("Index Cond: ((name_key")
                        || step.contains("Index Cond: (name_key")),
                "{}: {plan:#?}",
                case.name
            );
        }
        assert!(
            case.may_sort || !plan.iter().any(|step| step.contains("Sort")),
            "{}: {plan:#?}",
            case.name
        );
    }
    store.close().await.unwrap();
}
