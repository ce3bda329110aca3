//! How sessions are set up, and what happens without a server.

use sea_orm::{ConnectionTrait, Statement};
use user_service_adapters_sqlite::{PoolOptions, open};
use user_service_domain::profile::{Bio, ProfileKey, ProfilePatch};
use user_service_domain::store::{Store, StoreError};
use user_service_testdb::TestDatabase;

use crate::upgrade::person;

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

/// What a change returns is there before it is committed, and may still come to nothing.
#[tokio::test]
async fn a_change_that_cannot_be_committed_is_not_acknowledged() {
    let database = TestDatabase::sqlite().await;
    user_service_migration::up(database.url()).await.unwrap();
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let ana = person(1);
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    work.commit().await.unwrap();
    let db = store.connection();
    for sql in [
        "CREATE TABLE owed (id BLOB REFERENCES user_profiles (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER owe AFTER UPDATE ON user_profiles BEGIN INSERT INTO owed VALUES (x'00'); END",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    let patch = ProfilePatch {
        bio: Some(Some(Bio::parse("new").unwrap())),
        ..ProfilePatch::default()
    };
    let answer = store
        .patch_profile(ana.id, None, &patch, ana.updated_at)
        .await;
    assert!(answer.is_err(), "{answer:?}");
    let found = store.profiles().find(ProfileKey::Id(ana.id)).await;
    assert_eq!(found.unwrap(), Some(ana));
    store.close().await.unwrap();
}
