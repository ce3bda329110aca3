//! Makes a large picture smaller while it is decoded, so that it is never whole in memory.

use crate::crop::Square;
use crate::narrow::{index, sample, wide};
use crate::raster::{Layout, Raster};

/// How many pixels a side must still have: twice the largest picture that is written.
const ENOUGH: u32 = 1024;

/// Takes the rows of a picture in any order, keeps what is within the crop, and averages boxes of pixels.
pub(crate) struct Reducer {
    crop: Square,
    layout: Layout,
    /// The side of a box.
    factor: u32,
    /// The side of what comes out.
    side: usize,
    kept: Kept,
}

enum Kept {
    /// The pixels themselves: a box is one pixel.
    Pixels(Vec<u8>),
    /// Sums over boxes; colours are weighted with their opacity.
    Sums(Vec<u32>),
}

/// A stretch of a row: the pixels at `x`, `x + step`, and so on.
#[derive(Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) step: u32,
}

impl Reducer {
    pub(crate) fn new(crop: Square, layout: Layout) -> Self {
        let factor = factor(crop);
        let side = index(crop.side.div_ceil(factor));
        let samples = side * side * layout.samples();
        let kept = if factor == 1 {
            Kept::Pixels(vec![0; samples])
        } else {
            Kept::Sums(vec![0; samples])
        };
        Self {
            crop,
            layout,
            factor,
            side,
            kept,
        }
    }

    /// The most memory that it takes for such a picture, in bytes, the result included.
    pub(crate) fn cost(crop: Square, layout: Layout) -> u64 {
        let factor = factor(crop);
        let side = wide(crop.side.div_ceil(factor));
        let bytes = if factor == 1 { 1 } else { 5 };
        side * side * wide(layout.samples()) * bytes
    }

    /// Takes part of a row.
    pub(crate) fn add(&mut self, at: Stretch, row: &[u8]) {
        let Some(y) =
            at.y.checked_sub(self.crop.top)
                .filter(|y| *y < self.crop.side)
        else {
            return;
        };
        let samples = self.layout.samples();
        let start = index(y / self.factor) * self.side * samples;
        let pixels = row.chunks_exact(samples);
        match &mut self.kept {
            Kept::Pixels(kept) => {
                let line = kept.get_mut(start..).unwrap_or_default();
                for (x, pixel) in columns(at, self.crop).zip(pixels) {
                    if let Some(x) = x {
                        let to = index(x) * samples;
                        if let Some(to) = line.get_mut(to..to + samples) {
                            to.copy_from_slice(pixel);
                        }
                    }
                }
            }
            Kept::Sums(sums) => {
                let line = sums.get_mut(start..).unwrap_or_default();
                if at.step == 1 && at.x == 0 {
                    let left = index(self.crop.left) * samples;
                    let wide = index(self.crop.side) * samples;
                    let kept = row.get(left..left + wide).unwrap_or_default();
                    let boxes = kept.chunks(index(self.factor) * samples);
                    for (pixels, sum) in boxes.zip(line.chunks_exact_mut(samples)) {
                        for pixel in pixels.chunks_exact(samples) {
                            gather(self.layout, sum, pixel);
                        }
                    }
                    return;
                }
                for (x, pixel) in columns(at, self.crop).zip(pixels) {
                    if let Some(x) = x {
                        let to = index(x / self.factor) * samples;
                        if let Some(sum) = line.get_mut(to..to + samples) {
                            gather(self.layout, sum, pixel);
                        }
                    }
                }
            }
        }
    }

    /// What was kept.
    pub(crate) fn finish(self) -> Raster {
        let pixels = match self.kept {
            Kept::Pixels(pixels) => pixels,
            Kept::Sums(sums) => {
                let (side, factor, whole) = (self.side, self.factor, self.crop.side);
                let samples = self.layout.samples();
                // The last box of a row or column may be a smaller one.
                let cells = |number: usize| factor.min(whole.saturating_sub(cell(number, factor)));
                let mut pixels = Vec::with_capacity(sums.len());
                for (number, sum) in sums.chunks_exact(samples).enumerate() {
                    let count = cells(number % side) * cells(number / side);
                    average(self.layout, sum, count.max(1), &mut pixels);
                }
                pixels
            }
        };
        Raster {
            width: self.side,
            height: self.side,
            layout: self.layout,
            pixels,
        }
    }
}

/// The largest box that leaves enough.
fn factor(crop: Square) -> u32 {
    (crop.side / ENOUGH).max(1)
}

/// Where a box begins.
fn cell(number: usize, factor: u32) -> u32 {
    u32::try_from(number)
        .unwrap_or(u32::MAX)
        .saturating_mul(factor)
}

/// The columns of the pixels of a stretch within the crop.
fn columns(at: Stretch, crop: Square) -> impl Iterator<Item = Option<u32>> {
    (0u32..).map(move |number| {
        let x = at.x.checked_add(number.checked_mul(at.step)?)?;
        x.checked_sub(crop.left).filter(|x| *x < crop.side)
    })
}

/// Adds a pixel to the sums of its box.
fn gather(layout: Layout, sum: &mut [u32], pixel: &[u8]) {
    let weight = match pixel.last() {
        Some(alpha) if layout.has_alpha() => u32::from(*alpha),
        _ => 1,
    };
    let colours = layout.samples() - usize::from(layout.has_alpha());
    for (number, (sum, value)) in sum.iter_mut().zip(pixel).enumerate() {
        *sum += u32::from(*value) * if number < colours { weight } else { 1 };
    }
}

/// Appends the average of a box of `count` pixels.
fn average(layout: Layout, sum: &[u32], count: u32, pixels: &mut Vec<u8>) {
    let rounded = |sum: u32, by: u32| sample((sum + by / 2).checked_div(by).unwrap_or(0));
    if layout.has_alpha() {
        if let Some((alpha, colours)) = sum.split_last() {
            pixels.extend(colours.iter().map(|colour| rounded(*colour, *alpha)));
            pixels.push(rounded(*alpha, count));
        }
    } else {
        pixels.extend(sum.iter().map(|sum| rounded(*sum, count)));
    }
}
