//! The schema comes and goes.

use sea_orm::ConnectionTrait;
use user_service_adapters_mysql::{PoolOptions, open};
use user_service_testdb::TestDatabase;

use crate::cases::{a_newer_schema_is_left_alone, a_plan_may_be_run_by_hand, migrations_live};
use crate::locked_out::writers_pass_a_migration_that_waits;
use crate::upgrade::{profiles_are_indexed, sessions_survive};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_may_run_at_once_and_again() {
    let database = TestDatabase::mysql().await;
    Box::pin(migrations_live(database.url())).await;
}

#[tokio::test]
async fn sessions_survive_the_way_back_and_forth() {
    let database = TestDatabase::mysql().await;
    let store = async || open(database.url(), PoolOptions::default()).await.unwrap();
    Box::pin(sessions_survive(database.url(), store)).await;
}

#[tokio::test]
async fn every_change_may_be_run_again_after_a_crash() {
    let database = TestDatabase::mysql().await;
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let plan = user_service_migration::plan(database.url()).await.unwrap();
    for (name, sql) in &plan {
        for _ in 0..2 {
            let done = store.connection().execute_unprepared(sql).await;
            assert!(done.is_ok(), "{name}: {done:?}");
        }
    }
    let applied = user_service_migration::up(database.url()).await.unwrap();
    assert_eq!(applied.len(), plan.len());
    store.close().await.unwrap();
}

#[tokio::test]
async fn profiles_from_before_the_index_are_indexed() {
    let database = TestDatabase::mysql().await;
    let store = async || open(database.url(), PoolOptions::default()).await.unwrap();
    Box::pin(profiles_are_indexed(database.url(), store)).await;
}

#[tokio::test]
async fn a_plan_is_a_script() {
    let database = TestDatabase::mysql().await;
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let run = async |script: &str| {
        store.connection().execute_unprepared(script).await.unwrap();
    };
    Box::pin(a_plan_may_be_run_by_hand(database.url(), run)).await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn writers_pass_a_migration_that_has_to_wait() {
    let database = TestDatabase::mysql().await;
    // A writer may wait as long as it takes to see that it waits too long.
    let options = PoolOptions {
        statement_timeout: std::time::Duration::from_secs(30),
        ..PoolOptions::default()
    };
    let store = open(database.url(), options).await.unwrap();
    Box::pin(writers_pass_a_migration_that_waits(database.url(), &store)).await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn what_a_newer_release_applied_is_left_alone() {
    let database = TestDatabase::mysql().await;
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    let run = async |sql: &str| {
        store.connection().execute_unprepared(sql).await.unwrap();
    };
    Box::pin(a_newer_schema_is_left_alone(database.url(), run)).await;
    store.close().await.unwrap();
}
