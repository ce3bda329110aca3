//! AVIF: the picture and its opacity, both decoded as AV1.

use re_rav1d::dav1d::{Decoder, Picture, PixelLayout, PlanarImageComponent, Plane, Settings};
use user_service_domain::avatar::ImageFault;

use crate::crop::Square;
use crate::deadline::Deadline;
use crate::inspect::avif::{Code, Frame};
use crate::inspect::{Inspected, area};
use crate::narrow::{index, sample, wide};
use crate::raster::{Layout, Raster};
use crate::reduce::{Reducer, Stretch};

/// What comes out.
const LAYOUT: Layout = Layout::Rgba;

/// In bytes. The stream may turn out to be of 12 bits without subsampling whatever the file says, and the decoder
/// keeps some more for each pixel.
pub(super) fn cost(frame: &Frame, of: (u32, u32), crop: Square) -> u64 {
    let colour = area(of.0, of.1) * 15 / 2;
    let alpha = frame.alpha.as_ref().map_or(0, |_| area(of.0, of.1));
    let file =
        wide(frame.data.len()) + wide(frame.alpha.as_ref().map_or(0, ExactSizeIterator::len));
    colour + alpha + file + Reducer::cost(crop, LAYOUT)
}

pub(super) fn decode(
    bytes: &[u8],
    frame: &Frame,
    of: &Inspected,
    crop: Square,
    deadline: Deadline,
) -> Result<Raster, ImageFault> {
    let size = (of.width, of.height);
    let content = |range: &std::ops::Range<usize>| bytes.get(range.clone()).unwrap_or_default();
    let opacity = match &frame.alpha {
        Some(range) => Some(luminance(&av1(content(range), size)?)),
        None => None,
    };
    deadline.check()?;
    let picture = av1(content(&frame.data), size)?;
    deadline.check()?;
    let planes = [
        PlanarImageComponent::Y,
        PlanarImageComponent::U,
        PlanarImageComponent::V,
    ]
    .map(|component| picture.plane(component));
    let colours = Colours::of(&picture, &planes, frame.code);
    let mut kept = Reducer::new(crop, LAYOUT);
    let mut line = Vec::new();
    for y in 0..of.height {
        line.clear();
        let start = index(y) * index(of.width);
        let opacity = opacity.as_ref().and_then(|all| all.get(start..));
        for x in 0..index(of.width) {
            let alpha = opacity
                .and_then(|row| row.get(x))
                .copied()
                .unwrap_or(u8::MAX);
            let [r, g, b] = colours.at(x, index(y));
            line.extend(if frame.premultiplied {
                [
                    divided(r, alpha),
                    divided(g, alpha),
                    divided(b, alpha),
                    alpha,
                ]
            } else {
                [r, g, b, alpha]
            });
        }
        kept.add(Stretch { x: 0, y, step: 1 }, &line);
    }
    Ok(kept.finish())
}

fn divided(colour: u8, alpha: u8) -> u8 {
    let colour = u32::from(colour) * 255;
    sample(colour.checked_div(alpha.into()).unwrap_or(0))
}

/// Decodes a stream of one picture of exactly this size.
fn av1(stream: &[u8], (width, height): (u32, u32)) -> Result<Picture, ImageFault> {
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    // The decoder pads sides to multiples of 8 before it compares.
    let limit = area(width.next_multiple_of(8), height.next_multiple_of(8));
    settings.set_frame_size_limit(u32::try_from(limit).unwrap_or(u32::MAX));
    let broken = |_| ImageFault::Broken;
    let mut decoder = Decoder::with_settings(&settings).map_err(broken)?;
    decoder
        .send_data(stream.to_vec(), None, None, None)
        .map_err(broken)?;
    let picture = decoder.get_picture().map_err(broken)?;
    if (picture.width(), picture.height()) != (width, height) {
        return Err(ImageFault::Broken);
    }
    Ok(picture)
}

/// A plane of samples of one or two bytes.
struct Samples<'a> {
    bytes: &'a [u8],
    stride: usize,
    /// How many bits are more than eight.
    extra: usize,
}

impl<'a> Samples<'a> {
    /// What a plane holds is asked for once: the decoder takes its time to answer.
    fn of(picture: &Picture, component: PlanarImageComponent, plane: &'a Plane) -> Self {
        Self {
            stride: index(picture.stride(component)),
            extra: picture.bit_depth().saturating_sub(8),
            bytes: plane.as_ref(),
        }
    }

    /// As if it had twelve bits.
    fn at(&self, x: usize, y: usize) -> i32 {
        let row = y * self.stride;
        if self.extra == 0 {
            i32::from(self.bytes.get(row + x).copied().unwrap_or(0)) << 4
        } else {
            let at = row + 2 * x;
            match self.bytes.get(at..at + 2) {
                Some([low, high]) => {
                    i32::from(u16::from_le_bytes([*low, *high])) << (4 - self.extra.min(4))
                }
                _ => 0,
            }
        }
    }
}

/// The luminance as eight bits over their whole range, row after row.
fn luminance(picture: &Picture) -> Vec<u8> {
    let plane = picture.plane(PlanarImageComponent::Y);
    let samples = Samples::of(picture, PlanarImageComponent::Y, &plane);
    let full = picture.color_range() == av_data::pixel::YUVRange::Full;
    let (width, height) = (index(picture.width()), index(picture.height()));
    let mut all = Vec::with_capacity(width * height);
    for y in 0..height {
        all.extend((0..width).map(|x| {
            let value = samples.at(x, y);
            to_byte(if full {
                value
            } else {
                (value - 256) * 4095 / 3504
            })
        }));
    }
    all
}

/// From twelve bits.
fn to_byte(value: i32) -> u8 {
    sample(value.clamp(0, 4080).saturating_add(8) >> 4)
}

/// The colours of a picture.
struct Colours<'a> {
    y: Samples<'a>,
    /// Blue and red differences, and by how much they are subsampled: powers of two.
    chroma: Option<(Samples<'a>, Samples<'a>, u32, u32)>,
    conversion: Conversion,
}

enum Conversion {
    /// Green, blue and red as they are.
    Identity,
    /// In 4096ths: red of Cr, green of Cb and Cr, blue of Cb; and the range of the samples.
    Matrix {
        red: i32,
        green: (i32, i32),
        blue: i32,
        full: bool,
    },
}

impl<'a> Colours<'a> {
    fn of(picture: &Picture, planes: &'a [Plane; 3], code: Option<Code>) -> Self {
        let [y, u, v] = planes;
        let chroma = |across, down| {
            Some((
                Samples::of(picture, PlanarImageComponent::U, u),
                Samples::of(picture, PlanarImageComponent::V, v),
                across,
                down,
            ))
        };
        let full = code.map_or_else(
            || picture.color_range() == av_data::pixel::YUVRange::Full,
            |code| code.full,
        );
        let matrix = |red, green, blue| Conversion::Matrix {
            red,
            green,
            blue,
            full,
        };
        Self {
            y: Samples::of(picture, PlanarImageComponent::Y, y),
            chroma: match picture.pixel_layout() {
                PixelLayout::I400 => None,
                PixelLayout::I420 => chroma(1, 1),
                PixelLayout::I422 => chroma(1, 0),
                PixelLayout::I444 => chroma(0, 0),
            },
            // ITU-T H.273, from the weights of red and blue in the luminance.
            conversion: match code.map(|code| code.matrix) {
                Some(0) => Conversion::Identity,
                Some(1) => matrix(6450, (767, 1917), 7601),
                Some(9 | 10) => matrix(6040, (674, 2340), 7706),
                _ => matrix(5743, (1410, 2925), 7258),
            },
        }
    }

    fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let luma = self.y.at(x, y);
        let (cb, cr) = match &self.chroma {
            Some((u, v, across, down)) => {
                let (x, y) = (x >> across, y >> down);
                (u.at(x, y), v.at(x, y))
            }
            None => (2048, 2048),
        };
        match self.conversion {
            Conversion::Identity if self.chroma.is_some() => [cr, luma, cb].map(to_byte),
            Conversion::Identity => [to_byte(luma); 3],
            Conversion::Matrix {
                red,
                green,
                blue,
                full,
            } => {
                let (luma, cb, cr) = if full {
                    (luma, cb - 2048, cr - 2048)
                } else {
                    let spread = |value: i32| value * 4095 / 3584;
                    (
                        (luma - 256) * 4095 / 3504,
                        spread(cb - 2048),
                        spread(cr - 2048),
                    )
                };
                [
                    luma + ((red * cr) >> 12),
                    luma - ((green.0 * cb + green.1 * cr) >> 12),
                    luma + ((blue * cb) >> 12),
                ]
                .map(to_byte)
            }
        }
    }
}
