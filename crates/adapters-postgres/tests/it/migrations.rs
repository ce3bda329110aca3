//! The schema comes and goes.

use user_service_adapters_postgres::{PoolOptions, open};
use user_service_testdb::TestDatabase;

use crate::cases::migrations_live;
use crate::upgrade::{profiles_are_indexed, sessions_survive};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_may_run_at_once_and_again() {
    let database = TestDatabase::postgres().await;
    Box::pin(migrations_live(database.url())).await;
}

#[tokio::test]
async fn sessions_survive_the_way_back_and_forth() {
    let database = TestDatabase::postgres().await;
    let store = async || open(database.url(), PoolOptions::default()).await.unwrap();
    Box::pin(sessions_survive(database.url(), store)).await;
}

#[tokio::test]
async fn profiles_from_before_the_index_are_indexed() {
    let database = TestDatabase::postgres().await;
    let store = async || open(database.url(), PoolOptions::default()).await.unwrap();
    Box::pin(profiles_are_indexed(database.url(), store)).await;
}
