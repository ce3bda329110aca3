//! Whole attempts are repeated, a few times, and only after losing a race.

use std::time::Duration;

use user_service_domain::store::StoreError;

use crate::UseCaseError;

const ATTEMPTS: u32 = 6;

/// Repeats an attempt (one unit of work, begun and committed within) while it ends in
/// [`StoreError::Stale`], with full jitter from 5 ms doubling.
pub(crate) async fn retrying<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, UseCaseError>
where
    F: Future<Output = Result<T, UseCaseError>>,
{
    let mut ceiling = 5;
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(UseCaseError::Unavailable(StoreError::Stale)) => {
                tokio::time::sleep(Duration::from_millis(rand::random_range(0..=ceiling))).await;
                ceiling *= 2;
            }
            done => return done,
        }
    }
    attempt().await
}
