//! How sessions are set up, and what happens without a server.

use sea_orm::{ConnectionTrait, Statement};
use user_service_adapters_sqlite::{PoolOptions, open};
use user_service_domain::store::StoreError;
use user_service_testdb::TestDatabase;

#[tokio::test]
async fn a_session_is_set_up() {
    let database = TestDatabase::sqlite().await;
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let db = store.connection();
    for (sql, expected) in [
        ("SELECT journal_mode FROM pragma_journal_mode", "wal"),
        (
            "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous",
            "2",
        ),
        (
            "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys",
            "1",
        ),
        (
            "SELECT CAST(timeout AS TEXT) FROM pragma_busy_timeout",
            "5000",
        ),
    ] {
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        assert_eq!(
            row.try_get_by_index::<String>(0).unwrap(),
            expected,
            "{sql}"
        );
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_unavailable() {
    let error = open("sqlite:///nowhere/at/all.db", PoolOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

/// As after a commit that failed because the disk was full: what came next was acknowledged, and never committed.
#[tokio::test]
async fn a_connection_that_is_left_in_a_transaction_is_not_used_again() {
    let database = TestDatabase::sqlite().await;
    let options = PoolOptions {
        max_connections: 1,
        ..PoolOptions::default()
    };
    let store = open(database.url(), options.clone()).await.unwrap();
    let db = store.connection();
    for sql in [
        "CREATE TABLE kept (n INTEGER)",
        "BEGIN IMMEDIATE",
        "INSERT INTO kept VALUES (1)",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    let other = open(database.url(), options).await.unwrap();
    let backend = db.get_database_backend();
    let count = Statement::from_string(backend, "SELECT count(*) FROM kept");
    let row = other.connection().query_one_raw(count).await.unwrap();
    assert_eq!(row.unwrap().try_get_by_index::<i64>(0).unwrap(), 1);
    store.close().await.unwrap();
    other.close().await.unwrap();
}
