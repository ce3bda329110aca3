//! How uploads are taken in.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::{Problem, ProblemType};

/// What uploads may take: each is held in memory until its pictures are made.
#[derive(Clone, Debug)]
pub struct Uploads {
    /// The largest file, in bytes.
    pub max_size: usize,
    /// The media types that are taken, for `Accept-Post`.
    pub media_types: Vec<&'static str>,
    /// How long a file may take to arrive.
    pub patience: Duration,
    places: Arc<Semaphore>,
}

impl Uploads {
    /// How long an upload waits for a place.
    const QUEUE: Duration = Duration::from_secs(10);

    /// So many at once.
    pub fn new(
        max_size: usize,
        media_types: Vec<&'static str>,
        patience: Duration,
        at_once: usize,
    ) -> Self {
        Self {
            max_size,
            media_types,
            patience,
            places: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// A place among those who upload. Problem: 503.
    pub(crate) async fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = Arc::clone(&self.places).acquire_owned();
        match tokio::time::timeout(Self::QUEUE, place).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Problem::new(ProblemType::Overloaded)),
        }
    }
}
