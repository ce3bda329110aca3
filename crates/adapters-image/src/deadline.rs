//! When the work on one picture must be over.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use user_service_domain::avatar::ImageFault;

/// How much of the processor's time this thread may have spent once a picture is decoded. It is not the time of day that counts: the
/// thread has the lowest priority, and a machine that is busy with other things is no fault of the picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Duration);

impl Deadline {
    /// This much more than now.
    pub(crate) fn within(time: Duration) -> Self {
        Self(spent().saturating_add(time))
    }

    /// Whether it is spent.
    pub(crate) fn is_over(self) -> bool {
        self.0 <= spent()
    }

    /// Fails once it has passed.
    pub(crate) fn check(self) -> Result<(), ImageFault> {
        if self.is_over() {
            Err(ImageFault::Time)
        } else {
            Ok(())
        }
    }
}

/// What this thread has had of the processor so far.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanoseconds)
}

/// Reads until the deadline. Decoders ask for input all the time, so this ends them wherever they are.
pub(crate) struct Timed<R> {
    inner: R,
    deadline: Deadline,
    reads: u32,
}

impl<R> Timed<R> {
    // The scan of a progressive JPEG that does nothing but keep the processor busy is at least this long.
    const READS_PER_LOOK: u32 = 16;

    pub(crate) fn new(inner: R, deadline: Deadline) -> Self {
        Self {
            inner,
            deadline,
            reads: 0,
        }
    }

    fn look(&mut self) -> io::Result<()> {
        self.reads = self.reads.wrapping_add(1);
        if self.reads.is_multiple_of(Self::READS_PER_LOOK) && self.deadline.is_over() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl<R: Read> Read for Timed<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.look()?;
        self.inner.read(buf)
    }
}

impl<R: BufRead> BufRead for Timed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.look()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
    }
}

impl<R: Seek> Seek for Timed<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
