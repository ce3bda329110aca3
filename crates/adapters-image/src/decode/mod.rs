//! From a file to the pixels that are kept.

#[cfg(feature = "avif")]
mod avif;
mod gif;
mod jpeg;
mod png;
mod webp;

use std::io;

use user_service_domain::avatar::{Focus, ImageFault};

use crate::crop::Square;
use crate::deadline::Deadline;
use crate::inspect::{Inspected, Source, area};
use crate::narrow::wide;
use crate::raster::Raster;
use crate::reduce::Reducer;

/// What every picture takes beside its pixels: the written pictures, tables, buffers; in bytes.
const BESIDES: u64 = 4 << 20;

/// How a picture will be decoded.
pub(crate) struct Plan {
    /// The part that is kept, in pixels of the stored picture.
    crop: Square,
    /// How much smaller the decoder makes it.
    scale: jpeg::Scale,
    /// The most memory that it takes, in bytes.
    pub(crate) cost: u64,
}

/// Decoded pixels and the square of them that is kept, in pixels of the raster.
pub(crate) struct Decoded {
    pub(crate) raster: Raster,
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) side: f64,
}

/// Finds the way to decode a picture, whose file has this length, within the budget; both in bytes.
pub(crate) fn plan(
    of: &Inspected,
    focus: Focus,
    file: usize,
    budget: u64,
) -> Result<Plan, ImageFault> {
    // Decoders copy what they need of the file.
    let besides = BESIDES + wide(file);
    let crop = Square::around(of.orientation.stored(focus), of.width, of.height);
    let mut scale = jpeg::Scale::FULL;
    let pixels = match &of.source {
        Source::Jpeg(frame) => {
            let size = (of.width, of.height);
            let affordable = budget.saturating_sub(besides);
            let (chosen, cost) = jpeg::choose(frame, size, affordable);
            scale = chosen;
            cost
        }
        Source::Png(_) => png::cost(of.width, crop),
        Source::Webp(frame) => webp::cost(frame, crop),
        #[cfg(feature = "avif")]
        Source::Avif(frame) => avif::cost(frame, (of.width, of.height), crop),
        Source::Gif(frame) => area(frame.width, frame.height) + Reducer::cost(crop, gif::LAYOUT),
    };
    let cost = pixels + besides;
    if cost > budget {
        return Err(ImageFault::Memory);
    }
    Ok(Plan { crop, scale, cost })
}

/// Decodes.
pub(crate) fn decode(
    bytes: &[u8],
    of: &Inspected,
    plan: &Plan,
    deadline: Deadline,
) -> Result<Decoded, ImageFault> {
    let decoded = match &of.source {
        Source::Jpeg(frame) => jpeg::decode(bytes, frame, of, plan, deadline),
        Source::Png(header) => png::decode(bytes, header, of, plan.crop, deadline).map(whole),
        Source::Webp(frame) => webp::decode(bytes, frame, plan.crop, deadline).map(whole),
        Source::Gif(frame) => gif::decode(bytes, frame, plan.crop, deadline).map(whole),
        #[cfg(feature = "avif")]
        Source::Avif(frame) => avif::decode(bytes, frame, of, plan.crop, deadline).map(whole),
    };
    // However the decoder says it: out of time is out of time.
    deadline.check()?;
    decoded
}

/// A square that is kept as it is.
#[expect(clippy::cast_precision_loss, reason = "sides are short")]
fn whole(raster: Raster) -> Decoded {
    Decoded {
        left: 0.0,
        top: 0.0,
        side: raster.width as f64,
        raster,
    }
}

/// What an error of reading means: the bytes are in memory, so nothing but their end can fail.
fn read_fault(error: &io::Error) -> ImageFault {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ImageFault::Truncated,
        _ => ImageFault::Broken,
    }
}

/// A buffer of zeros for this many pixels.
fn buffer(width: u32, height: u32, samples: usize) -> Vec<u8> {
    let length = area(width, height).saturating_mul(wide(samples));
    vec![0; crate::narrow::index(length)]
}
