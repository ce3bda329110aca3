//! The promises of the ports, kept on SQLite.

use std::sync::Arc;
use std::time::Duration;

use user_service_adapters_sql::PoolOptions;
use user_service_domain::store::Store;
use user_service_testdb::TestDatabase;

async fn fresh() -> (Arc<dyn Store>, TestDatabase) {
    let database = TestDatabase::sqlite().await;
    user_service_migration::up(database.url()).await.unwrap();
    let options = PoolOptions {
        max_connections: 10,
        acquire_timeout: Duration::from_secs(30),
        statement_timeout: Duration::from_secs(30),
        ..PoolOptions::default()
    };
    let store = user_service_adapters_sqlite::open(database.url(), options)
        .await
        .unwrap();
    (Arc::new(store), database)
}

user_service_testkit::store_conformance!(fresh);
