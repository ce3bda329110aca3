//! How sessions are set up, and what happens without a server.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use sqlx::{Connection, Executor};
use user_service_adapters_postgres::{PoolOptions, open};
use user_service_domain::store::{Store, StoreError};
use user_service_testdb::TestDatabase;

#[tokio::test]
async fn a_session_is_set_up() {
    let database = TestDatabase::postgres().await;
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let db = store.connection();
    for (sql, expected) in [
        ("SELECT current_setting('statement_timeout')", "5s"),
        (
            "SELECT current_setting('idle_in_transaction_session_timeout')",
            "10s",
        ),
        ("SELECT current_setting('application_name')", "user-service"),
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
async fn the_store_opens_without_its_database_and_says_so_when_asked() {
    let options = PoolOptions {
        acquire_timeout: Duration::from_millis(200),
        ..PoolOptions::default()
    };
    let store = open("postgres://nobody@127.0.0.1:1/none", options)
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

/// Reads do not notice that their connections were ended: they are done once more.
#[tokio::test]
async fn a_server_that_ends_all_connections_is_answered_by_others_at_once() {
    let database = TestDatabase::postgres().await;
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let pings = || futures_util::future::join_all((0..4).map(|_| store.ping()));
    for ping in pings().await {
        ping.unwrap();
    }
    let mut administrator = sqlx::PgConnection::connect(database.url()).await.unwrap();
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \
                 current_database() AND pid <> pg_backend_pid()";
    administrator.execute(ended).await.unwrap();
    for ping in pings().await {
        ping.unwrap();
    }
    administrator.execute(ended).await.unwrap();
    store.begin().await.unwrap();
}
