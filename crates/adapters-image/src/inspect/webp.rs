//! WebP (RFC 9649), animated ones included.

use std::ops::Range;

use user_service_domain::avatar::ImageFault;

use super::bytes::Bytes;
use super::{Inspected, Limits, Source, check_animation, vp8l};
use crate::narrow::wide;
use crate::orient::Orientation;

/// The picture, or the first frame of an animation; places within the file are in bytes.
#[derive(Clone)]
pub(crate) struct Frame {
    /// On the canvas, in pixels.
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) lossless: bool,
    /// Whether a lossless one says that its opacity means something.
    pub(crate) translucent: bool,
    /// The content of its `VP8 ` or `VP8L` chunk.
    pub(crate) data: Range<usize>,
    /// The content of its `ALPH` chunk.
    pub(crate) alpha: Option<Range<usize>>,
    /// What the decoder needs for lossless codes, in bytes.
    pub(crate) codes: u64,
}

/// Where the chunks are read from.
struct Chunks<'a> {
    rest: Bytes<'a>,
    at: usize,
}

struct Chunk<'a> {
    kind: [u8; 4],
    at: usize,
    data: &'a [u8],
}

pub(crate) fn inspect(bytes: &[u8], limits: Limits) -> Result<Inspected, ImageFault> {
    let mut rest = Bytes(bytes);
    rest.take(4)?;
    let length = rest.u32_le()?;
    let body = rest.0;
    check_first(body, limits)?;
    // An odd length is padded, by some writers only.
    match u64::from(length).cmp(&wide(body.len())) {
        std::cmp::Ordering::Greater => return Err(ImageFault::Truncated),
        std::cmp::Ordering::Less
            if length % 2 == 1 && wide(body.len()) == u64::from(length) + 1 => {}
        std::cmp::Ordering::Less => return Err(ImageFault::Polyglot),
        std::cmp::Ordering::Equal => {}
    }
    let mut chunks = Chunks {
        rest: Bytes(body.get(4..).unwrap_or_default()),
        at: 12,
    };

    let mut canvas = None;
    let mut picture = Picture::default();
    let mut first = None;
    let (mut icc, mut exif) = (None, None);
    let mut frames = 0;
    while let Some(chunk) = chunks.next()? {
        match &chunk.kind {
            b"VP8X" => canvas = Some(canvas_size(chunk.data)?),
            b"VP8 " | b"VP8L" | b"ALPH" => picture.add(&chunk)?,
            b"ICCP" => icc = Some(chunk.data.to_vec()),
            b"EXIF" => exif = Some(Orientation::of_exif(chunk.data)),
            b"ANMF" => {
                frames += 1;
                if first.is_none() {
                    first = Some(animation_frame(&chunk)?);
                }
            }
            _ => {}
        }
    }
    let frame = match first {
        Some(frame) => frame,
        None => picture.finish().ok_or(ImageFault::Broken)?,
    };
    limits.check(frame.width, frame.height)?;
    let (width, height) = canvas.unwrap_or((frame.width, frame.height));
    limits.check(width, height)?;
    check_animation(frames, width, height)?;
    let fits = |start: u32, length: u32, whole: u32| {
        start.checked_add(length).is_some_and(|end| end <= whole)
    };
    if !fits(frame.left, frame.width, width) || !fits(frame.top, frame.height, height) {
        return Err(ImageFault::Broken);
    }
    let codes = cost_of_codes(bytes, &frame)?;
    let frame = Frame { codes, ..frame };
    Ok(Inspected {
        width,
        height,
        orientation: exif.unwrap_or(Orientation::UPRIGHT),
        icc,
        source: Source::Webp(frame),
    })
}

/// The declared dimensions come first, so that too large a picture is called so even if it is cut off, too.
fn check_first(body: &[u8], limits: Limits) -> Result<(), ImageFault> {
    if let Some((kind, data)) = body.get(4..).and_then(|rest| rest.split_first_chunk::<4>()) {
        let data = data.get(4..).unwrap_or_default();
        let size = match kind {
            b"VP8X" => canvas_size(data),
            b"VP8 " => lossy_size(data),
            b"VP8L" => lossless_size(data),
            _ => return Err(ImageFault::Broken),
        };
        let (width, height) = size?;
        limits.check(width, height)?;
    }
    Ok(())
}

impl<'a> Chunks<'a> {
    fn next(&mut self) -> Result<Option<Chunk<'a>>, ImageFault> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let kind = self.rest.array()?;
        let length = self.rest.u32_le()?;
        let at = self.at + 8;
        let data = self.rest.take(length)?;
        // The last one may lack its padding.
        let padding = usize::from(data.len() % 2 == 1 && !self.rest.is_empty());
        self.rest.take(padding)?;
        self.at = at + data.len() + padding;
        Ok(Some(Chunk { kind, at, data }))
    }
}

impl Chunk<'_> {
    fn range(&self) -> Range<usize> {
        self.at..self.at + self.data.len()
    }
}

/// The chunks that make one picture.
#[derive(Default)]
struct Picture {
    data: Option<(Range<usize>, bool, (u32, u32))>,
    alpha: Option<Range<usize>>,
    translucent: bool,
}

impl Picture {
    fn add(&mut self, chunk: &Chunk<'_>) -> Result<(), ImageFault> {
        if chunk.kind == *b"ALPH" {
            self.alpha.get_or_insert(chunk.range());
        } else if self.data.is_none() {
            let lossless = chunk.kind == *b"VP8L";
            let size = if lossless {
                self.translucent = chunk.data.get(4).is_some_and(|byte| byte & 0x10 != 0);
                lossless_size(chunk.data)?
            } else {
                lossy_size(chunk.data)?
            };
            self.data = Some((chunk.range(), lossless, size));
        }
        Ok(())
    }

    fn finish(self) -> Option<Frame> {
        let (data, lossless, (width, height)) = self.data?;
        Some(Frame {
            left: 0,
            top: 0,
            width,
            height,
            lossless,
            translucent: self.translucent,
            data,
            alpha: self.alpha.filter(|_| !lossless),
            codes: 0,
        })
    }
}

fn animation_frame(chunk: &Chunk<'_>) -> Result<Frame, ImageFault> {
    const HEADER: usize = 16;
    let mut rest = Bytes(chunk.data);
    let (left, top) = (rest.u24_le()? * 2, rest.u24_le()? * 2);
    let (width, height) = (rest.u24_le()? + 1, rest.u24_le()? + 1);
    rest.take(4usize)?;
    let mut chunks = Chunks {
        rest,
        at: chunk.at + HEADER,
    };
    let mut picture = Picture::default();
    while let Some(chunk) = chunks.next()? {
        if matches!(&chunk.kind, b"VP8 " | b"VP8L" | b"ALPH") {
            picture.add(&chunk)?;
        }
    }
    let frame = picture.finish().ok_or(ImageFault::Broken)?;
    if (frame.width, frame.height) != (width, height) {
        return Err(ImageFault::Broken);
    }
    Ok(Frame { left, top, ..frame })
}

/// Opacity may be a lossless picture of its own, without a header.
fn cost_of_codes(bytes: &[u8], frame: &Frame) -> Result<u64, ImageFault> {
    const HEADER: usize = 5;
    let content = |range: &Range<usize>| bytes.get(range.clone()).unwrap_or_default();
    let stream = match &frame.alpha {
        _ if frame.lossless => content(&frame.data).get(HEADER..),
        Some(alpha) => match content(alpha).split_first() {
            Some((header, stream)) if header & 3 == 1 => Some(stream),
            _ => None,
        },
        None => None,
    };
    stream.map_or(Ok(0), |stream| {
        vp8l::cost_of_codes(stream, frame.width, frame.height)
    })
}

fn canvas_size(data: &[u8]) -> Result<(u32, u32), ImageFault> {
    let mut data = Bytes(data);
    data.take(4usize)?;
    Ok((data.u24_le()? + 1, data.u24_le()? + 1))
}

/// RFC 6386 section 9.1.
fn lossy_size(data: &[u8]) -> Result<(u32, u32), ImageFault> {
    let mut data = Bytes(data);
    let [tag, _, _] = data.array()?;
    if tag & 1 != 0 || data.array()? != [0x9d, 0x01, 0x2a] {
        return Err(ImageFault::Broken);
    }
    let (width, height) = (data.u16_le()?, data.u16_le()?);
    Ok((u32::from(width & 0x3fff), u32::from(height & 0x3fff)))
}

/// RFC 9649 section 3.4.
fn lossless_size(data: &[u8]) -> Result<(u32, u32), ImageFault> {
    let mut data = Bytes(data);
    if data.byte()? != 0x2f {
        return Err(ImageFault::Broken);
    }
    let header = data.u32_le()?;
    Ok(((header & 0x3fff) + 1, (header >> 14 & 0x3fff) + 1))
}
