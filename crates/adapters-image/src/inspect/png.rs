//! PNG (W3C Portable Network Graphics, third edition), animated ones included.

use memchr::memchr;
use user_service_domain::avatar::ImageFault;

use super::bytes::Bytes;
use super::packed::Unpacked;
use super::{Inspected, Limits, Source, check_animation};
use crate::narrow::index;
use crate::orient::Orientation;

const SIGNATURE: usize = 8;
const LONGEST_CHUNK: u32 = i32::MAX.unsigned_abs();

/// What the decoder needs to know.
pub(crate) struct Header {
    pub(crate) interlaced: bool,
}

pub(crate) fn inspect(bytes: &[u8], limits: Limits) -> Result<Inspected, ImageFault> {
    let mut bytes = Bytes(bytes);
    bytes.take(SIGNATURE)?;
    let (kind, header) = chunk(&mut bytes)?;
    if kind != *b"IHDR" || header.len() != 13 {
        return Err(ImageFault::Broken);
    }
    let mut header = Bytes(header);
    let (width, height) = (header.u32_be()?, header.u32_be()?);
    limits.check(width, height)?;
    let [_depth, _colour, _packing, _filter, interlaced] = header.array()?;

    let (mut icc, mut exif) = (None, None);
    let (mut frames, mut declared) = (0usize, 0usize);
    let mut has_data = false;
    let mut unpacked = Unpacked::default();
    loop {
        let (kind, data) = chunk(&mut bytes)?;
        match &kind {
            b"IEND" => break,
            b"IDAT" => has_data = true,
            b"iCCP" => icc = Some(unpacked.inflate(after_zero(data, 1))?),
            b"zTXt" => {
                unpacked.inflate(after_zero(data, 1))?;
            }
            b"iTXt" => {
                if let Some(text) = packed_itxt(data) {
                    unpacked.inflate(text)?;
                }
            }
            b"eXIf" => exif = Some(Orientation::of_exif(data)),
            b"acTL" => declared = index(Bytes(data).u32_be().unwrap_or(0)),
            b"fcTL" => frames += 1,
            _ => {}
        }
    }
    if !bytes.is_empty() {
        return Err(ImageFault::Polyglot);
    }
    if !has_data {
        return Err(ImageFault::Broken);
    }
    check_animation(frames.max(declared), width, height)?;
    Ok(Inspected {
        width,
        height,
        orientation: exif.unwrap_or(Orientation::UPRIGHT),
        icc,
        source: Source::Png(Header {
            interlaced: interlaced != 0,
        }),
    })
}

fn chunk<'a>(bytes: &mut Bytes<'a>) -> Result<([u8; 4], &'a [u8]), ImageFault> {
    let length = bytes.u32_be()?;
    let kind = bytes.array()?;
    if length > LONGEST_CHUNK || !kind.iter().all(u8::is_ascii_alphabetic) {
        return Err(ImageFault::Broken);
    }
    let data = bytes.take(length)?;
    bytes.array::<4>()?;
    Ok((kind, data))
}

/// What follows the first zero byte and some more.
fn after_zero(data: &[u8], more: usize) -> &[u8] {
    memchr(0, data)
        .and_then(|zero| data.get(zero + 1 + more..))
        .unwrap_or_default()
}

/// The packed text of an `iTXt` chunk, if it is packed: keyword, flag, method, language and translated keyword
/// precede it.
fn packed_itxt(data: &[u8]) -> Option<&[u8]> {
    let rest = after_zero(data, 0);
    let ([flag, _method], rest) = rest.split_first_chunk::<2>()?;
    (*flag == 1).then(|| after_zero(after_zero(rest, 0), 0))
}
