//! The schema comes and goes.

use sea_orm::ConnectionTrait;
use user_service_adapters_mysql::{PoolOptions, open};
use user_service_testdb::TestDatabase;

use crate::cases::migrations_live;
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
