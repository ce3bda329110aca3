//! How sessions are set up, and what happens without a server.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use sqlx::{Connection, Executor, Row};
use user_service_adapters_postgres::{PoolOptions, open};
use user_service_domain::profile::{Bio, ProfilePatch};
use user_service_domain::store::{Store, StoreError};
use user_service_testdb::TestDatabase;

use crate::upgrade::person;

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

/// Ends all connections but the one it runs on, as a restart would.
const END_ALL: &str = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = \
                       current_database() AND pid <> pg_backend_pid()";

/// What only reads is repeated on another connection.
#[tokio::test]
async fn a_server_that_ends_all_connections_is_not_noticed_by_who_reads() {
    let database = TestDatabase::postgres().await;
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let mut administrator = sqlx::PgConnection::connect(database.url()).await.unwrap();
    for _ in 0..3 {
        for ping in futures_util::future::join_all((0..4).map(|_| store.ping())).await {
            ping.unwrap();
        }
        administrator.execute(END_ALL).await.unwrap();
        // Whoever was just used is not doubted.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn bio(text: &str) -> ProfilePatch {
    ProfilePatch {
        bio: Some(Some(Bio::parse(text).unwrap())),
        ..ProfilePatch::default()
    }
}

/// A connection that was not used for a while is tested before something is changed on it.
#[tokio::test]
async fn a_server_that_ends_all_connections_is_not_noticed_by_who_changes_a_profile() {
    let database = TestDatabase::postgres().await;
    user_service_migration::up(database.url()).await.unwrap();
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let mut administrator = sqlx::PgConnection::connect(database.url()).await.unwrap();
    let ana = person(1);
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    work.commit().await.unwrap();
    for n in 0..3 {
        for ping in futures_util::future::join_all((0..4).map(|_| store.ping())).await {
            ping.unwrap();
        }
        administrator.execute(END_ALL).await.unwrap();
        // Whoever was just used is not doubted.
        tokio::time::sleep(Duration::from_millis(10)).await;
        let patch = bio(&n.to_string());
        let changed = store.patch_profile(ana.id, None, &patch, ana.updated_at);
        assert_eq!(changed.await.unwrap().unwrap().version, n + 2);
    }
}

/// Each change of a profile is counted, also where nothing is left of it, and loses its connection.
const LOSE: &str = "CREATE SEQUENCE tried; CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                    PERFORM nextval('tried'), pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$; CREATE \
                    TRIGGER lose BEFORE UPDATE ON user_profiles FOR EACH ROW EXECUTE FUNCTION lose()";

/// A change is run once: where its answer is lost nobody knows what became of it.
#[tokio::test]
async fn a_change_whose_connection_is_lost_is_not_repeated() {
    let database = TestDatabase::postgres().await;
    user_service_migration::up(database.url()).await.unwrap();
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let ana = person(1);
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&ana).await.unwrap();
    work.commit().await.unwrap();
    let mut administrator = sqlx::PgConnection::connect(database.url()).await.unwrap();
    administrator.execute(LOSE).await.unwrap();
    store.ping().await.unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    let patch = bio("lost");
    let lost = store
        .patch_profile(ana.id, None, &patch, ana.updated_at)
        .await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    let tried = "SELECT CASE WHEN is_called THEN last_value END FROM tried";
    let tried = administrator.fetch_one(tried).await.unwrap();
    assert_eq!(tried.get::<i64, _>(0), 1);
}

/// Before the commit nothing is left of a unit of work whose connection is lost, and it may be repeated. What became of
/// a commit whose answer is lost nobody knows.
#[tokio::test]
async fn a_lost_connection_is_stale_before_the_commit_alone() {
    let database = TestDatabase::postgres().await;
    user_service_migration::up(database.url()).await.unwrap();
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let mut administrator = sqlx::PgConnection::connect(database.url()).await.unwrap();
    let mut work = store.begin().await.unwrap();
    work.profiles().insert(&person(1)).await.unwrap();
    administrator.execute(END_ALL).await.unwrap();
    let lost = work.profiles().insert(&person(2)).await;
    assert!(matches!(lost, Err(StoreError::Stale)), "{lost:?}");
    let mut work = loop {
        match store.begin().await {
            Ok(work) => break work,
            Err(error) => assert!(matches!(error, StoreError::Stale), "{error:?}"),
        }
    };
    work.profiles().insert(&person(1)).await.unwrap();
    administrator.execute(END_ALL).await.unwrap();
    let lost = work.commit().await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
}
