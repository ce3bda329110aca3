//! WebP: the picture or the first frame of an animation, taken out of its file and decoded on its own.

use std::io::Cursor;
use std::ops::Range;

use image_webp::{DecodingError, WebPDecoder};
use user_service_domain::avatar::ImageFault;

use super::{buffer, read_fault};
use crate::crop::Square;
use crate::deadline::{Deadline, Timed};
use crate::inspect::area;
use crate::inspect::webp::Frame;
use crate::narrow::{index, wide};
use crate::raster::{Layout, Raster};
use crate::reduce::{Reducer, Stretch};

/// In bytes; what is kept comes after what the decoder needs.
pub(super) fn cost(frame: &Frame, crop: Square) -> u64 {
    let pixels = area(frame.width, frame.height);
    // Planes of a macroblock's multiple, and the pixels; for opacity the pixels of its own picture, and itself.
    let planes = area(
        frame.width.next_multiple_of(16),
        frame.height.next_multiple_of(16),
    ) * 3
        / 2;
    let (decoding, samples) = match (frame.lossless, &frame.alpha) {
        (true, _) => (pixels / 8, 4),
        (false, None) => (planes, 3),
        (false, Some(_)) => (planes + pixels * 5, 4),
    };
    let file = wide(frame.data.len());
    file + frame.codes + pixels * samples + decoding.max(Reducer::cost(crop, Layout::Rgba))
}

fn layout(frame: &Frame) -> Layout {
    if frame.lossless || frame.alpha.is_some() {
        Layout::Rgba
    } else {
        Layout::Rgb
    }
}

pub(super) fn decode(
    bytes: &[u8],
    frame: &Frame,
    crop: Square,
    deadline: Deadline,
) -> Result<Raster, ImageFault> {
    let file = alone(bytes, frame).ok_or(ImageFault::Broken)?;
    let reader = Timed::new(Cursor::new(file), deadline);
    let mut decoder = WebPDecoder::new(reader).map_err(|error| fault(&error))?;
    let layout = layout(frame);
    let mut pixels = buffer(frame.width, frame.height, layout.samples());
    decoder
        .read_image(&mut pixels)
        .map_err(|error| fault(&error))?;
    drop(decoder);
    deadline.check()?;
    if frame.lossless && !frame.translucent {
        let (pixels, _) = pixels.as_chunks_mut::<4>();
        for [.., alpha] in pixels {
            *alpha = u8::MAX;
        }
    }
    Ok(keep(&pixels, frame, crop, layout))
}

/// Puts the frame on its canvas, which is transparent.
fn keep(pixels: &[u8], frame: &Frame, crop: Square, layout: Layout) -> Raster {
    let mut kept = Reducer::new(crop, Layout::Rgba);
    let right = index(crop.left + crop.side) * Layout::Rgba.samples();
    let mut line = Vec::new();
    let rows = pixels.chunks_exact(index(frame.width) * layout.samples());
    for (y, row) in (frame.top..).zip(rows) {
        line.clear();
        line.resize(index(frame.left) * Layout::Rgba.samples(), 0);
        if layout == Layout::Rgba {
            line.extend_from_slice(row);
        } else {
            let (pixels, _) = row.as_chunks::<3>();
            line.extend(pixels.iter().flat_map(|[r, g, b]| [*r, *g, *b, u8::MAX]));
        }
        line.resize(line.len().max(right), 0);
        kept.add(Stretch { x: 0, y, step: 1 }, &line);
    }
    kept.finish()
}

/// A file with nothing but the frame in it.
fn alone(bytes: &[u8], frame: &Frame) -> Option<Vec<u8>> {
    const HAS_ALPHA: u32 = 0x10;
    let mut chunks = Vec::with_capacity(bytes.len().min(frame.data.len() + 64));
    if layout(frame) == Layout::Rgba {
        // With this flag the decoder writes a lossless picture where it belongs, instead of copying it there.
        let mut header = HAS_ALPHA.to_le_bytes().to_vec();
        for side in [frame.width, frame.height] {
            header.extend_from_slice(side.checked_sub(1)?.to_le_bytes().get(..3)?);
        }
        push(&mut chunks, *b"VP8X", &header)?;
    }
    let content = |range: &Range<usize>| bytes.get(range.clone());
    if let Some(alpha) = &frame.alpha {
        push(&mut chunks, *b"ALPH", content(alpha)?)?;
    }
    let kind = if frame.lossless { *b"VP8L" } else { *b"VP8 " };
    push(&mut chunks, kind, content(&frame.data)?)?;

    let mut file = b"RIFF".to_vec();
    file.reserve_exact(chunks.len() + 8);
    file.extend_from_slice(&u32::try_from(chunks.len() + 4).ok()?.to_le_bytes());
    file.extend_from_slice(b"WEBP");
    file.append(&mut chunks);
    Some(file)
}

fn push(chunks: &mut Vec<u8>, kind: [u8; 4], content: &[u8]) -> Option<()> {
    chunks.extend_from_slice(&kind);
    chunks.extend_from_slice(&u32::try_from(content.len()).ok()?.to_le_bytes());
    chunks.extend_from_slice(content);
    chunks.resize(chunks.len().next_multiple_of(2), 0);
    Some(())
}

fn fault(error: &DecodingError) -> ImageFault {
    match error {
        DecodingError::IoError(error) => read_fault(error),
        _ => ImageFault::Broken,
    }
}
