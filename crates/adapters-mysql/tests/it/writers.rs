//! Units of work that are open at the same time.

use user_service_adapters_mysql::{PoolOptions, SqlStore, open};
use user_service_testdb::TestDatabase;

use crate::crossing;

async fn fresh() -> (SqlStore, TestDatabase) {
    let database = TestDatabase::mysql().await;
    user_service_migration::up(database.url()).await.unwrap();
    let store = open(database.url(), PoolOptions::default()).await.unwrap();
    (store, database)
}

#[tokio::test]
async fn a_later_position_may_be_seen_before_a_smaller_one() {
    let (store, _database) = fresh().await;
    crossing::positions_cross(&store).await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn upkeep_passes_over_what_somebody_works_on() {
    let (store, _database) = fresh().await;
    crossing::upkeep_waits_for_nobody(&store, "ANALYZE TABLE user_sessions, user_revocations")
        .await;
    store.close().await.unwrap();
}
