//! PNG, row by row: the whole picture is never in memory.

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Reader, Transformations};
use user_service_domain::avatar::ImageFault;

use super::read_fault;
use crate::crop::Square;
use crate::deadline::{Deadline, Timed};
use crate::inspect::Inspected;
use crate::inspect::png::Header;
use crate::raster::{Layout, Raster};
use crate::reduce::{Reducer, Stretch};

/// Where the pixels of each pass of Adam7 are: first column, first row, and the steps between them.
const PASSES: [(u32, u32, u32, u32); 7] = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

/// In bytes: rows as they are packed, before and after unfiltering, and what is kept.
pub(super) fn cost(width: u32, crop: Square) -> u64 {
    const ROWS: u64 = 6;
    const WIDEST_PIXEL: u64 = 8;
    ROWS * WIDEST_PIXEL * u64::from(width) + Reducer::cost(crop, Layout::Rgba)
}

pub(super) fn decode(
    bytes: &[u8],
    header: &Header,
    of: &Inspected,
    crop: Square,
    deadline: Deadline,
) -> Result<Raster, ImageFault> {
    let mut decoder = Decoder::new(Timed::new(Cursor::new(bytes), deadline));
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(|error| fault(&error))?;
    let layout = match reader.output_color_type().0 {
        ColorType::Grayscale => Layout::Gray,
        ColorType::GrayscaleAlpha => Layout::GrayAlpha,
        ColorType::Rgb => Layout::Rgb,
        ColorType::Rgba => Layout::Rgba,
        ColorType::Indexed => return Err(ImageFault::Broken),
    };
    let mut kept = Reducer::new(crop, layout);
    let passes: &[_] = if header.interlaced {
        &PASSES
    } else {
        &[(0, 0, 1, 1)]
    };
    for &(left, top, step, down) in passes {
        // A pass without a pixel has no rows.
        if left >= of.width {
            continue;
        }
        let mut y = top;
        while y < of.height {
            let at = Stretch { x: left, y, step };
            kept.add(at, next_row(&mut reader)?);
            y += down;
        }
    }
    Ok(kept.finish())
}

fn next_row<R: std::io::BufRead + std::io::Seek>(
    reader: &mut Reader<R>,
) -> Result<&[u8], ImageFault> {
    let row = reader.next_row().map_err(|error| fault(&error))?;
    Ok(row.ok_or(ImageFault::Broken)?.data())
}

fn fault(error: &DecodingError) -> ImageFault {
    match error {
        DecodingError::IoError(error) => read_fault(error),
        DecodingError::LimitsExceeded => ImageFault::Memory,
        DecodingError::Format(_) | DecodingError::Parameter(_) => ImageFault::Broken,
    }
}
