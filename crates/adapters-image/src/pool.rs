//! The threads that do the work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    /// The work itself gave up in a way it should not.
    #[error("the work panicked")]
    Panicked,
    /// No thread took the work.
    #[error("no thread is there to do the work")]
    Gone,
}

/// A few threads of low priority: what they do takes no time from requests that are being answered. They end
/// with the pool.
pub(crate) struct Pool {
    jobs: Sender<Job>,
}

impl Pool {
    /// Starts this many threads, at least one.
    pub(crate) fn start(threads: usize) -> Self {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads.max(1) {
            let queue = Arc::clone(&queue);
            let started = thread::Builder::new()
                .name(format!("pictures-{number}"))
                .spawn(move || serve(&queue));
            if let Err(error) = started {
                tracing::error!(error.message = %error, "a thread for pictures could not be started");
            }
        }
        Self { jobs }
    }

    /// Has the work done. A caller that goes away before it began saves it; once begun it goes on to its end,
    /// with everything that it owns.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JobError> {
        let (done, answer) = oneshot::channel();
        let job = Box::new(move || {
            if !done.is_closed() {
                // The work owns all it uses, so nothing half-done is left behind.
                drop(done.send(catch_unwind(AssertUnwindSafe(work))));
            }
        });
        self.jobs.send(job).map_err(|_| JobError::Gone)?;
        match answer.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) => Err(JobError::Panicked),
            Err(_) => Err(JobError::Gone),
        }
    }
}

fn serve(queue: &Mutex<Receiver<Job>>) {
    lower_priority();
    // What decoders hand to rayon is done here, on this thread: its own pool would be a second one, of usual
    // priority, that nothing counts.
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build();
    if let Err(error) = &alone {
        tracing::warn!(error.message = %error, "decoders of pictures use threads of their own");
    }
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

/// On Linux niceness belongs to the thread.
#[cfg(target_os = "linux")]
fn lower_priority() {
    if let Err(error) = rustix::process::nice(19) {
        tracing::debug!(error.message = %error, "pictures are made at the usual priority");
    }
}

/// Elsewhere it belongs to the whole process.
#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use tokio::sync::Semaphore;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn work_that_began_keeps_what_it_holds_to_its_end_when_the_caller_goes_away() {
        let pool = Pool::start(1);
        let places = Arc::new(Semaphore::new(1));
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        let (began, has_begun) = channel();
        let (go, may_go) = channel::<()>();
        let mut work = Box::pin(pool.run(move || {
            began.send(()).unwrap();
            may_go.recv().unwrap();
            drop(place);
        }));
        drop(timeout(Duration::ZERO, &mut work).await);
        has_begun.recv().unwrap();
        drop(work);
        assert_eq!(places.available_permits(), 0);
        go.send(()).unwrap();
        drop(places.acquire().await.unwrap());
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_not_begun() {
        let pool = Pool::start(1);
        let (began, has_begun) = channel();
        let (go, may_go) = channel::<()>();
        let mut first = Box::pin(pool.run(move || {
            began.send(()).unwrap();
            may_go.recv().unwrap();
        }));
        drop(timeout(Duration::ZERO, &mut first).await);
        has_begun.recv().unwrap();
        let (done, is_done) = channel();
        let second = pool.run(move || done.send(()).unwrap());
        drop(timeout(Duration::ZERO, second).await);
        go.send(()).unwrap();
        first.await.unwrap();
        assert!(is_done.recv().is_err());
        assert_eq!(pool.run(|| 3).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_and_the_thread_lives_on() {
        let pool = Pool::start(1);
        let panicked = pool.run(|| panic!("on purpose")).await;
        assert!(matches!(panicked, Err(JobError::Panicked)));
        assert_eq!(pool.run(|| 3).await.unwrap(), 3);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn its_threads_are_nice_and_no_others() {
        fn niceness() -> String {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            let (_, fields) = stat.rsplit_once(')').unwrap();
            fields.split_whitespace().nth(16).unwrap().to_owned()
        }
        let before = niceness();
        assert_eq!(Pool::start(1).run(niceness).await.unwrap(), "19");
        assert_eq!(niceness(), before);
    }
}
