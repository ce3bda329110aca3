//! GIF: the first frame on its canvas.

use gif::{ColorOutput, DecodeOptions, MemoryLimit};
use user_service_domain::avatar::ImageFault;

use super::buffer;
use crate::crop::Square;
use crate::deadline::{Deadline, Timed};
use crate::inspect::gif::Frame;
use crate::narrow::index;
use crate::raster::{Layout, Raster};
use crate::reduce::{Reducer, Stretch};

/// What comes out.
pub(super) const LAYOUT: Layout = Layout::Rgba;

pub(super) fn decode(
    bytes: &[u8],
    frame: &Frame,
    crop: Square,
    deadline: Deadline,
) -> Result<Raster, ImageFault> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    // The buffer is ours.
    options.set_memory_limit(MemoryLimit::Unlimited);
    let mut decoder = options
        .read_info(Timed::new(bytes, deadline))
        .map_err(|_| ImageFault::Broken)?;
    let info = decoder
        .next_frame_info()
        .map_err(|_| ImageFault::Broken)?
        .ok_or(ImageFault::Broken)?;
    let transparent = info.transparent;
    if (u32::from(info.width), u32::from(info.height)) != (frame.width, frame.height) {
        return Err(ImageFault::Broken);
    }
    let mut pixels = buffer(frame.width, frame.height, 1);
    decoder
        .read_into_buffer(&mut pixels)
        .map_err(|_| ImageFault::Broken)?;
    let palette = decoder.palette().map_err(|_| ImageFault::Broken)?;
    let (colours, _) = palette.as_chunks::<3>();
    let colour = |pixel: u8| match colours.get(usize::from(pixel)) {
        Some([r, g, b]) if transparent != Some(pixel) => [*r, *g, *b, u8::MAX],
        _ => [0; 4],
    };

    let mut kept = Reducer::new(crop, LAYOUT);
    // What stands out of the canvas is not shown, and what it does not cover is transparent.
    let mut line = Vec::new();
    for (y, row) in (frame.top..).zip(pixels.chunks_exact(index(frame.width))) {
        line.clear();
        line.resize(index(frame.left) * LAYOUT.samples(), 0);
        line.extend(row.iter().flat_map(|pixel| colour(*pixel)));
        let wanted = index(crop.left + crop.side) * LAYOUT.samples();
        line.resize(line.len().max(wanted), 0);
        kept.add(Stretch { x: 0, y, step: 1 }, &line);
    }
    Ok(kept.finish())
}
