//! JPEG, made smaller while it is decoded: most of the work of a large photo is saved, and all of its memory.

use jpeg_decoder::{ColorTransform, Decoder, Error, PixelFormat};
use user_service_domain::avatar::ImageFault;

use super::{Decoded, Plan, read_fault};
use crate::deadline::{Deadline, Timed};
use crate::inspect::Inspected;
use crate::inspect::jpeg::{Colours, Component, Frame};
use crate::narrow::{index, wide};
use crate::raster::{Layout, Raster};

/// To how many pixels the decoder turns a block of 8 × 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale(u32);

impl Scale {
    /// Nothing is saved.
    pub(super) const FULL: Self = Self(8);
    const ALL: [Self; 4] = [Self(1), Self(2), Self(4), Self::FULL];

    fn of(self, length: u32) -> u32 {
        (length * self.0).div_ceil(8)
    }
}

/// The smallest scale that leaves twice what is written, if that fits; else what is written, if that fits; else
/// the largest that fits. With its cost in bytes.
pub(super) fn choose(frame: &Frame, size: (u32, u32), budget: u64) -> (Scale, u64) {
    let short = size.0.min(size.1);
    let leaves = |enough: u32| {
        Scale::ALL
            .into_iter()
            .find(move |scale| scale.of(short) >= enough)
            .unwrap_or(Scale::FULL)
    };
    [leaves(1024), leaves(512), Scale(4), Scale(2), Scale(1)]
        .into_iter()
        .map(|scale| (scale, cost(frame, size, scale)))
        .find(|(_, cost)| *cost <= budget)
        .unwrap_or((Scale::FULL, u64::MAX / 2))
}

/// What the decoder keeps: all coefficients of a progressive picture, each plane, and the pixels.
fn cost(frame: &Frame, (width, height): (u32, u32), scale: Scale) -> u64 {
    const COEFFICIENTS: u64 = 64 * 2;
    let most = |of: fn(&Component) -> u8| frame.components.iter().map(of).max().unwrap_or(1);
    let across = width.div_ceil(8 * u32::from(most(|c| c.horizontal)));
    let down = height.div_ceil(8 * u32::from(most(|c| c.vertical)));
    let blocks = |component: &Component| {
        u64::from(across * u32::from(component.horizontal))
            * u64::from(down * u32::from(component.vertical))
    };
    let all: u64 = frame.components.iter().map(blocks).sum();
    let largest = frame.components.iter().map(blocks).max().unwrap_or(0);
    let coefficients = match (frame.progressive, frame.complete) {
        (false, _) => 0,
        (true, true) => all * COEFFICIENTS,
        // A component that never came to its end is copied once more.
        (true, false) => (all + largest) * COEFFICIENTS,
    };
    let planes = all * u64::from(scale.0 * scale.0);
    let pixels = u64::from(scale.of(width)) * u64::from(scale.of(height));
    coefficients + planes + pixels * wide(frame.components.len())
}

pub(super) fn decode(
    bytes: &[u8],
    frame: &Frame,
    of: &Inspected,
    plan: &Plan,
    deadline: Deadline,
) -> Result<Decoded, ImageFault> {
    let mut decoder = Decoder::new(Timed::new(bytes, deadline));
    decoder.set_color_transform(match frame.colours {
        Colours::Gray => ColorTransform::Grayscale,
        Colours::Rgb => ColorTransform::RGB,
        Colours::YCbCr => ColorTransform::YCbCr,
        Colours::Cmyk { .. } => ColorTransform::CMYK,
        Colours::Ycck => ColorTransform::YCCK,
    });
    if plan.scale != Scale::FULL {
        let side = |length: u32| u16::try_from(plan.scale.of(length)).unwrap_or(u16::MAX);
        decoder
            .scale(side(of.width), side(of.height))
            .map_err(|error| fault(&error))?;
    }
    let mut pixels = decoder.decode().map_err(|error| fault(&error))?;
    let info = decoder.info().ok_or(ImageFault::Broken)?;
    let layout = match info.pixel_format {
        PixelFormat::L8 => Layout::Gray,
        PixelFormat::RGB24 => Layout::Rgb,
        PixelFormat::CMYK32 => Layout::Cmyk,
        PixelFormat::L16 => return Err(ImageFault::Broken),
    };
    // The decoder takes all CMYK for inverted, as Adobe writes it.
    if frame.colours == (Colours::Cmyk { inverted: false }) {
        for ink in &mut pixels {
            *ink = !*ink;
        }
    }
    let across = f64::from(info.width) / f64::from(of.width);
    let down = f64::from(info.height) / f64::from(of.height);
    Ok(Decoded {
        raster: Raster {
            width: index(info.width),
            height: index(info.height),
            layout,
            pixels,
        },
        left: f64::from(plan.crop.left) * across,
        top: f64::from(plan.crop.top) * down,
        side: f64::from(plan.crop.side) * across.min(down),
    })
}

fn fault(error: &Error) -> ImageFault {
    match error {
        Error::Io(error) => read_fault(error),
        Error::Format(_) | Error::Unsupported(_) | Error::Internal(_) => ImageFault::Broken,
    }
}
