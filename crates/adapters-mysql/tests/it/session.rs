//! How sessions are set up, and what happens without a server.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use user_service_adapters_mysql::{PoolOptions, open};
use user_service_domain::store::{Store, StoreError};
use user_service_testdb::TestDatabase;

#[tokio::test]
async fn a_session_is_set_up() {
    let database = TestDatabase::mysql().await;
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let db = store.connection();
    let ask = async |sql| {
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index::<String>(0).unwrap()
    };
    // Each has names of its own for them.
    let of_its_own = if ask("SELECT VERSION()").await.contains("MariaDB") {
        [
            ("SELECT CONCAT(@@session.max_statement_time)", "5.000000"),
            ("SELECT CONCAT(@@session.idle_transaction_timeout)", "10"),
            ("SELECT @@session.tx_isolation", "READ-COMMITTED"),
        ]
        .as_slice()
    } else {
        &[
            ("SELECT CONCAT(@@session.max_execution_time)", "5000"),
            ("SELECT @@session.transaction_isolation", "READ-COMMITTED"),
        ]
    };
    let of_both = [
        ("SELECT @@session.time_zone", "+00:00"),
        (
            "SELECT IF(FIND_IN_SET('STRICT_ALL_TABLES', @@session.sql_mode) > 0, 'strict', '')",
            "strict",
        ),
    ];
    for &(sql, expected) in of_its_own.iter().chain(&of_both) {
        assert_eq!(ask(sql).await, expected, "{sql}");
    }
    store.close().await.unwrap();
}

#[tokio::test]
async fn the_store_opens_without_its_database_and_says_so_when_asked() {
    let options = PoolOptions {
        acquire_timeout: Duration::from_millis(200),
        ..PoolOptions::default()
    };
    let store = open("mysql://nobody@127.0.0.1:1/none", options)
        .await
        .unwrap();
    assert!(matches!(
        store.ping().await,
        Err(StoreError::Unavailable(_))
    ));
    assert!(matches!(
        store.begin().await,
        Err(StoreError::Unavailable(_))
    ));
}
