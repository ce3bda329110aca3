//! What is written is read.

use user_service_adapters_sqlite::{PoolOptions, open};
use user_service_testdb::TestDatabase;

use crate::round_trip::every_port;

#[tokio::test]
async fn every_port_keeps_what_it_was_given() {
    let database = TestDatabase::sqlite().await;
    user_service_migration::up(database.url()).await.unwrap();
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    every_port(&store).await;
    store.close().await.unwrap();
}
