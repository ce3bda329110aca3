//! JPEG (ITU-T T.81) with the metadata of JFIF, EXIF, ICC and Adobe.

use user_service_domain::avatar::ImageFault;

use super::bytes::Bytes;
use super::{Inspected, Limits, Source, trailer};
use crate::orient::Orientation;

/// Encoders write about ten scans; many more only keep the processor busy.
const MAX_SCANS: usize = 200;

/// What the decoder needs to know.
#[derive(Clone)]
pub(crate) struct Frame {
    pub(crate) progressive: bool,
    pub(crate) components: Vec<Component>,
    pub(crate) colours: Colours,
    /// Whether every component of a progressive picture is there to the last bit.
    pub(crate) complete: bool,
}

/// One of the planes of a picture.
#[derive(Clone, Copy)]
pub(crate) struct Component {
    id: u8,
    /// Sampling factors, from 1 to 4.
    pub(crate) horizontal: u8,
    pub(crate) vertical: u8,
}

/// What the components are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colours {
    Gray,
    Rgb,
    YCbCr,
    /// Stored as ink, or as its absence.
    Cmyk {
        inverted: bool,
    },
    /// Always stored as the absence of ink.
    Ycck,
}

#[derive(Default)]
struct Metadata {
    jfif: bool,
    adobe: Option<u8>,
    orientation: Option<Orientation>,
    icc: Vec<(u8, u8, Vec<u8>)>,
}

struct Header {
    width: u32,
    height: u32,
    progressive: bool,
    components: Vec<Component>,
    /// For every component the coefficients that came to their last bit, one bit each.
    finished: Vec<u64>,
}

pub(crate) fn inspect(bytes: &[u8], limits: Limits) -> Result<Inspected, ImageFault> {
    let mut bytes = Bytes(bytes);
    bytes.take(2usize)?;
    let mut metadata = Metadata::default();
    let mut header: Option<Header> = None;
    let mut scans = 0;
    loop {
        match marker(&mut bytes)? {
            // Stand alone: TEM, RSTn, SOI.
            0x01 | 0xd0..=0xd8 => {}
            0xd9 => break,
            kind @ 0xc0..=0xc2 => {
                if header.is_some() {
                    return Err(ImageFault::Broken);
                }
                let read = frame_header(segment(&mut bytes)?, kind == 0xc2)?;
                limits.check(read.width, read.height)?;
                header = Some(read);
            }
            // Lossless, hierarchical and arithmetic ones: nobody's avatar.
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Err(ImageFault::Broken),
            0xda => {
                let header = header.as_mut().ok_or(ImageFault::Broken)?;
                scan_header(segment(&mut bytes)?, header)?;
                skip_scan(&mut bytes)?;
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(ImageFault::Time);
                }
            }
            kind => metadata.add(kind, segment(&mut bytes)?),
        }
    }
    if trailer::is_foreign(bytes.0) {
        return Err(ImageFault::Polyglot);
    }
    let header = header.filter(|_| scans > 0).ok_or(ImageFault::Broken)?;
    let frame = Frame {
        colours: metadata.colours(&header.components)?,
        progressive: header.progressive,
        complete: header.finished.iter().all(|bits| *bits == u64::MAX),
        components: header.components,
    };
    Ok(Inspected {
        width: header.width,
        height: header.height,
        orientation: metadata.orientation.unwrap_or(Orientation::UPRIGHT),
        icc: metadata.profile(),
        source: Source::Jpeg(frame),
    })
}

/// The next marker. Stray bytes before it are skipped, as every decoder does: cameras write them.
fn marker(bytes: &mut Bytes<'_>) -> Result<u8, ImageFault> {
    loop {
        let at = memchr::memchr(0xff, bytes.0).ok_or(ImageFault::Truncated)?;
        bytes.take(at)?;
        let mut byte = 0xff;
        while byte == 0xff {
            byte = bytes.byte()?;
        }
        if byte != 0 {
            return Ok(byte);
        }
    }
}

fn segment<'a>(bytes: &mut Bytes<'a>) -> Result<&'a [u8], ImageFault> {
    let length = bytes.u16_be()?.checked_sub(2).ok_or(ImageFault::Broken)?;
    bytes.take(length)
}

/// Up to the marker that ends the scan.
fn skip_scan(bytes: &mut Bytes<'_>) -> Result<(), ImageFault> {
    loop {
        let at = memchr::memchr(0xff, bytes.0).ok_or(ImageFault::Truncated)?;
        match bytes.0.get(at + 1) {
            Some(0 | 0xd0..=0xd7) => {
                bytes.take(at + 2)?;
            }
            Some(0xff) => {
                bytes.take(at + 1)?;
            }
            Some(_) => {
                bytes.take(at)?;
                return Ok(());
            }
            None => return Err(ImageFault::Truncated),
        }
    }
}

fn frame_header(data: &[u8], progressive: bool) -> Result<Header, ImageFault> {
    let mut data = Bytes(data);
    let precision = data.byte()?;
    let (height, width) = (data.u16_be()?.into(), data.u16_be()?.into());
    let count = data.byte()?;
    if precision != 8 || !matches!(count, 1 | 3 | 4) {
        return Err(ImageFault::Broken);
    }
    let components = (0..count)
        .map(|_| {
            let [id, sampling, _table] = data.array()?;
            let (horizontal, vertical) = (sampling >> 4, sampling & 15);
            if !(1..=4).contains(&horizontal) || !(1..=4).contains(&vertical) {
                return Err(ImageFault::Broken);
            }
            Ok(Component {
                id,
                horizontal,
                vertical,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Header {
        width,
        height,
        progressive,
        finished: vec![0; components.len()],
        components,
    })
}

/// Notes which coefficients a scan brings to their last bit.
fn scan_header(data: &[u8], header: &mut Header) -> Result<(), ImageFault> {
    let mut data = Bytes(data);
    let count = data.byte()?;
    let ids = (0..count)
        .map(|_| data.array().map(|[id, _tables]| id))
        .collect::<Result<Vec<u8>, _>>()?;
    let [start, end, bits] = data.array()?;
    let low = bits & 15;
    if end > 63 || start > end {
        return Err(ImageFault::Broken);
    }
    if low == 0 {
        let upto = u64::MAX >> (63 - end);
        let below = (1u64 << start) - 1;
        for (component, finished) in header.components.iter().zip(&mut header.finished) {
            if ids.contains(&component.id) {
                *finished |= upto & !below;
            }
        }
    }
    Ok(())
}

impl Metadata {
    fn add(&mut self, kind: u8, data: &[u8]) {
        match kind {
            0xe0 if data.starts_with(b"JFIF\0") => self.jfif = true,
            0xe1 if data.starts_with(b"Exif\0\0") => {
                self.orientation.get_or_insert(Orientation::of_exif(data));
            }
            0xe2 => {
                let part = data.strip_prefix(b"ICC_PROFILE\0");
                if let Some([number, count, profile @ ..]) = part {
                    self.icc.push((*number, *count, profile.to_vec()));
                }
            }
            0xee if data.starts_with(b"Adobe") => self.adobe = data.get(11).copied(),
            _ => {}
        }
    }

    /// As libjpeg decides: JFIF says YCbCr, Adobe says which, else the names of the components do.
    fn colours(&self, components: &[Component]) -> Result<Colours, ImageFault> {
        match components {
            [_] => Ok(Colours::Gray),
            [a, b, c] => Ok(match (self.jfif, self.adobe) {
                (false, Some(0)) => Colours::Rgb,
                (false, None) if [a.id, b.id, c.id] == *b"RGB" => Colours::Rgb,
                _ => Colours::YCbCr,
            }),
            [_, _, _, _] => Ok(match self.adobe {
                Some(2) => Colours::Ycck,
                Some(_) => Colours::Cmyk { inverted: true },
                None => Colours::Cmyk { inverted: false },
            }),
            _ => Err(ImageFault::Broken),
        }
    }

    /// The ICC profile, put together (ICC.1:2022 annex B.4). One that lacks a part is none.
    fn profile(mut self) -> Option<Vec<u8>> {
        self.icc.sort_by_key(|(number, _, _)| *number);
        let complete = !self.icc.is_empty()
            && self
                .icc
                .iter()
                .zip(1u16..)
                .all(|((number, count, _), expected)| {
                    u16::from(*number) == expected && usize::from(*count) == self.icc.len()
                });
        complete.then(|| self.icc.into_iter().flat_map(|(_, _, part)| part).collect())
    }
}
