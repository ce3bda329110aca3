//! The schema comes and goes.

use user_service_testdb::TestDatabase;

use crate::cases::migrations_live;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_may_run_at_once_and_again() {
    let database = TestDatabase::postgres().await;
    Box::pin(migrations_live(database.url())).await;
}
