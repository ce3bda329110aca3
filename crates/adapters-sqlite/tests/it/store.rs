//! What is written is read.

use user_service_adapters_sqlite::{PoolOptions, open};
use user_service_testdb::TestDatabase;

use crate::few_connections;
use crate::round_trip::every_port;

#[tokio::test]
async fn every_port_keeps_what_it_was_given() {
    let database = TestDatabase::sqlite().await;
    user_service_migration::up(database.url()).await.unwrap();
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    every_port(&store).await;
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn few_connections_are_enough() {
    let database = TestDatabase::sqlite().await;
    user_service_migration::up(database.url()).await.unwrap();
    let options = few_connections::options();
    let store = open(database.url(), options).await.unwrap();
    few_connections::statements_and_units_of_work_share_them(&store).await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn statements_that_are_given_up_disturb_nobody() {
    let database = TestDatabase::sqlite().await;
    user_service_migration::up(database.url()).await.unwrap();
    let options = few_connections::options();
    let store = open(database.url(), options).await.unwrap();
    few_connections::what_is_given_up_disturbs_nobody(&store).await;
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gives_up_waiting_takes_no_connection_along() {
    let database = TestDatabase::sqlite().await;
    user_service_migration::up(database.url()).await.unwrap();
    let options = few_connections::options();
    let store = open(database.url(), options).await.unwrap();
    few_connections::who_gives_up_waiting_takes_none_along(&store).await;
    store.close().await.unwrap();
}
