//! A migration that has to wait for others does not make everybody else wait behind it.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use user_service_adapters_sql::SqlStore;

/// Longer than an attempt of a migration waits for its lock, and much shorter than it goes on trying.
const SOON: Duration = Duration::from_secs(15);

const PRUNE: &str = "DELETE FROM user_sessions WHERE created_at < '1971-01-01'";

/// While a long transaction has written to the table that a migration has to change, the migration waits in steps: writers
/// that come later get their turn between them. It is done once the long transaction has ended.
pub(crate) async fn writers_pass_a_migration_that_waits(url: &str, store: &SqlStore) {
    user_service_migration::up(url).await.unwrap();
    user_service_migration::down(url, 1).await.unwrap();
    let db = store.connection();
    let long = db.begin().await.unwrap();
    long.execute_unprepared(PRUNE).await.unwrap();
    let migration = user_service_migration::up(url);
    let others = async {
        let start = Instant::now();
        // Long enough for the migration to have come to its lock, and to have given it up once.
        while start.elapsed() < Duration::from_secs(4) {
            let one = Instant::now();
            db.execute_unprepared(PRUNE).await.unwrap();
            assert!(one.elapsed() < SOON, "a writer waited behind the migration");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(!user_service_migration::is_current(url).await.unwrap());
        long.commit().await.unwrap();
    };
    let (applied, ()) = tokio::join!(migration, others);
    assert_eq!(applied.unwrap().len(), 1);
    assert!(user_service_migration::is_current(url).await.unwrap());
}
