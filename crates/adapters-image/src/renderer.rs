//! The adapter.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use user_service_domain::avatar::{AvatarRenderer, Focus, ImageFault, RenderError, Rendered};

use crate::deadline::Deadline;
use crate::pool::{JobError, Pool};
use crate::settings::ImageSettings;
use crate::work::{Ready, WorkError};

/// Makes the pictures of avatars on a few threads of low priority, within a budget of memory that all share.
pub struct ImageRenderer {
    settings: Arc<ImageSettings>,
    pool: Pool,
    /// One for each thread.
    places: Arc<Semaphore>,
    /// One for each [`UNIT`] of memory.
    memory: Arc<Semaphore>,
}

/// In how large pieces memory is counted, in bytes.
const UNIT: u64 = 1024;

impl ImageRenderer {
    /// Starts its threads; they end with it.
    pub fn new(settings: ImageSettings) -> Self {
        let workers = settings.workers.max(1);
        let units = usize::try_from(settings.memory / UNIT).unwrap_or(usize::MAX);
        Self {
            pool: Pool::start(workers),
            places: Arc::new(Semaphore::new(workers)),
            memory: Arc::new(Semaphore::new(units.min(Semaphore::MAX_PERMITS))),
            settings: Arc::new(settings),
        }
    }
}

#[async_trait]
impl AvatarRenderer for ImageRenderer {
    async fn render(&self, upload: Vec<u8>, focus: Focus) -> Result<Rendered, RenderError> {
        if upload.is_empty() {
            return Err(ImageFault::Empty.into());
        }
        let patience = Patience::begin(self.settings.patience);
        let place = patience.wait(&self.places, 1).await?;
        let settings = Arc::clone(&self.settings);
        // What the work holds it gives back only at its end, also when nobody waits for it any more.
        let (place, ready) = self
            .pool
            .run(move || (place, Ready::inspect(upload, focus, &settings)))
            .await
            .map_err(unfinished)?;
        let ready = ready?;
        let units = u32::try_from(ready.cost() / UNIT).map_err(|_| ImageFault::Memory)?;
        let memory = patience.wait(&self.memory, units).await?;
        let time = self.settings.deadline;
        let rendered = self
            .pool
            .run(move || {
                let rendered = ready.render(Deadline::within(time));
                drop((place, memory));
                rendered
            })
            .await
            .map_err(unfinished)?;
        rendered.map_err(|error| match error {
            WorkError::Refused(fault) => fault.into(),
            WorkError::Written(fault) => RenderError::Internal(Box::new(fault)),
        })
    }
}

/// What a thread that gave up means for the caller: only a picture makes it do so.
fn unfinished(error: JobError) -> RenderError {
    match error {
        JobError::Panicked => {
            tracing::error!("a picture made its decoder panic");
            ImageFault::Broken.into()
        }
        JobError::Gone => RenderError::Internal(Box::new(error)),
    }
}

/// Until when an upload waits for its turn.
struct Patience(Option<Instant>);

impl Patience {
    fn begin(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    async fn wait(
        &self,
        of: &Arc<Semaphore>,
        permits: u32,
    ) -> Result<OwnedSemaphorePermit, RenderError> {
        let permits = Arc::clone(of).acquire_many_owned(permits);
        let permit = match self.0 {
            Some(end) => timeout_at(end, permits)
                .await
                .map_err(|_| RenderError::Busy)?,
            None => permits.await,
        };
        permit.map_err(|error| RenderError::Internal(Box::new(error)))
    }
}
