//! What is allowed, and how much of the machine it may take.

use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::sniff::SourceType;

/// What uploads are accepted and what making pictures of them may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSettings {
    /// The types that are accepted.
    pub allowed: Vec<SourceType>,
    /// How many pictures are worked on at once: threads of low priority. At least one.
    pub workers: usize,
    /// How much memory all decoding together may take, in bytes.
    pub memory: u64,
    /// How much of a processor's time the decoding of one picture may take.
    pub deadline: Duration,
    /// How long an upload may wait for its turn.
    pub patience: Duration,
    /// The most pixels a picture may have.
    pub max_pixels: u64,
    /// The longest side a picture may have, in pixels.
    pub max_side: u32,
}

impl ImageSettings {
    /// 172 MiB: what is left of 300 MiB beside a service with sixteen uploads of 5 MiB. JPEG and PNG of 40 megapixels
    /// take much less, WebP of 36 megapixels takes all of it.
    pub const MEMORY: u64 = 172 << 20;
    /// 10 seconds.
    pub const DEADLINE: Duration = Duration::from_secs(10);
    /// 20 seconds.
    pub const PATIENCE: Duration = Duration::from_secs(20);
    /// 40 megapixels.
    pub const MAX_PIXELS: u64 = 40_000_000;
    /// 16 384 pixels, the longest side of most decoders' hardware and of WebP.
    pub const MAX_SIDE: u32 = 16_384;

    /// Half of the processors, the other half is for requests; one or two: the allocator of the C library keeps
    /// some 20 MiB for every thread that decodes, even when there is nothing to do.
    pub fn usual_workers() -> usize {
        (available_parallelism().map_or(1, NonZero::get) / 2).clamp(1, 2)
    }
}

impl Default for ImageSettings {
    fn default() -> Self {
        Self {
            allowed: SourceType::USUAL.to_vec(),
            workers: Self::usual_workers(),
            memory: Self::MEMORY,
            deadline: Self::DEADLINE,
            patience: Self::PATIENCE,
            max_pixels: Self::MAX_PIXELS,
            max_side: Self::MAX_SIDE,
        }
    }
}
