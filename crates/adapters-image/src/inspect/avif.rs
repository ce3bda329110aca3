//! AVIF (AV1 Image File Format 1.1 on ISO/IEC 23008-12 and 14496-12): one picture, and perhaps its opacity.

use std::ops::Range;

use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics,
};
use user_service_domain::avatar::ImageFault;

use super::bytes::Bytes;
use super::isobmff::{Boxes, Item, Items, full};
use super::{Inspected, Limits, Source, check_animation};
use crate::narrow::index;
use crate::orient::Orientation;

/// What the decoder needs to know; places within the file are in bytes.
#[derive(Clone)]
pub(crate) struct Frame {
    /// The AV1 stream of the colours.
    pub(crate) data: Range<usize>,
    /// The AV1 stream of the opacity, as luminance.
    pub(crate) alpha: Option<Range<usize>>,
    /// Whether the colours are multiplied with the opacity.
    pub(crate) premultiplied: bool,
    /// What the colours mean by their numbers (ITU-T H.273), if the file says.
    pub(crate) code: Option<Code>,
}

/// Primaries, transfer characteristics, matrix coefficients (ITU-T H.273), and whether samples use their whole range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) primaries: u8,
    pub(crate) transfer: u8,
    pub(crate) matrix: u8,
    pub(crate) full: bool,
}

/// What the properties of an item say.
#[derive(Default)]
struct Properties {
    size: Option<(u32, u32)>,
    orientation: Option<Orientation>,
    icc: Option<Vec<u8>>,
    code: Option<Code>,
    is_alpha: bool,
}

pub(crate) fn inspect(bytes: &[u8], limits: Limits) -> Result<Inspected, ImageFault> {
    let mut items = None;
    let mut frames = 0;
    let mut cut_off = None;
    for part in Boxes::of(bytes, 0) {
        match part {
            Ok(part) if part.kind == *b"meta" && items.is_none() => {
                items = Some(Items::of(&part)?);
            }
            Ok(part) if part.kind == *b"moov" => frames = frames_in(part.data, part.at, 5)?,
            Ok(_) => {}
            Err(fault) => cut_off = Some(fault),
        }
    }
    let Some(items) = items else {
        return Err(cut_off.unwrap_or(ImageFault::Broken));
    };
    let primary = items.primary().ok_or(ImageFault::Broken)?;
    let properties = properties(&items, primary)?;
    let (width, height) = properties.size.ok_or(ImageFault::Broken)?;
    limits.check(width, height)?;
    check_animation(frames, width, height)?;
    if let Some(fault) = cut_off {
        return Err(fault);
    }
    let mut alpha = None;
    for item in items.auxiliaries(primary.id) {
        if self::properties(&items, item)?.is_alpha {
            alpha = Some(place(item, bytes.len())?);
        }
    }
    let frame = Frame {
        data: place(primary, bytes.len())?,
        premultiplied: alpha.is_some() && items.is_premultiplied(primary.id),
        alpha,
        code: properties.code,
    };
    Ok(Inspected {
        width,
        height,
        orientation: properties.orientation.unwrap_or(Orientation::UPRIGHT),
        icc: properties.icc.or_else(|| properties.code.and_then(profile)),
        source: Source::Avif(frame),
    })
}

/// The profile that is named by numbers, if it is not that of sRGB.
fn profile(code: Code) -> Option<Vec<u8>> {
    // 2 is unspecified; the others are what everything is taken for.
    if matches!(code.primaries, 1 | 2) && matches!(code.transfer, 1 | 2 | 6 | 13) {
        return None;
    }
    ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(code.primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::try_from(code.transfer).ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    })
    .encode()
    .ok()
}

/// Where the stream of an item is; one in pieces, or coded otherwise, is not read.
fn place(item: &Item, length: usize) -> Result<Range<usize>, ImageFault> {
    let Some(place) = item.place.clone().filter(|_| item.kind == *b"av01") else {
        return Err(ImageFault::Broken);
    };
    if place.end > length {
        return Err(ImageFault::Truncated);
    }
    Ok(place)
}

fn properties(items: &Items, item: &Item) -> Result<Properties, ImageFault> {
    let mut all = Properties::default();
    for (kind, data) in items.properties(item.id) {
        let mut data = Bytes(data);
        match kind {
            b"ispe" => {
                full(&mut data)?;
                all.size = Some((data.u32_be()?, data.u32_be()?));
            }
            b"irot" => {
                let turned = Orientation::turned_left(data.byte()? & 3);
                all.orientation = Some(turned);
            }
            b"imir" => {
                let upright = all.orientation.unwrap_or(Orientation::UPRIGHT);
                all.orientation = Some(upright.mirrored(data.byte()? & 1 == 1));
            }
            b"colr" => match &data.array()? {
                b"nclx" => {
                    let numbers = [data.u16_be()?, data.u16_be()?, data.u16_be()?];
                    let [primaries, transfer, matrix] = numbers.map(crate::narrow::sample);
                    all.code = Some(Code {
                        primaries,
                        transfer,
                        matrix,
                        full: data.byte()? & 0x80 != 0,
                    });
                }
                b"prof" | b"rICC" => all.icc = Some(data.0.to_vec()),
                _ => {}
            },
            b"auxC" => {
                full(&mut data)?;
                let urn = b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";
                all.is_alpha = data.0.starts_with(urn);
            }
            _ => {}
        }
    }
    Ok(all)
}

/// The most samples that a track of a sequence has.
fn frames_in(data: &[u8], at: usize, depth: u8) -> Result<usize, ImageFault> {
    let mut most = 0;
    for part in Boxes::of(data, at) {
        let part = part?;
        let frames = match &part.kind {
            b"trak" | b"mdia" | b"minf" | b"stbl" if depth > 0 => {
                frames_in(part.data, part.at, depth - 1)?
            }
            b"stsz" => {
                let mut data = Bytes(part.data);
                full(&mut data)?;
                data.u32_be()?;
                index(data.u32_be()?)
            }
            _ => 0,
        };
        most = most.max(frames);
    }
    Ok(most)
}
