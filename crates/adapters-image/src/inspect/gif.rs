//! GIF (version 89a).

use user_service_domain::avatar::ImageFault;

use super::bytes::Bytes;
use super::{Inspected, Limits, Source, check_animation};
use crate::orient::Orientation;

/// The first frame, in pixels of the canvas.
pub(crate) struct Frame {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

pub(crate) fn inspect(bytes: &[u8], limits: Limits) -> Result<Inspected, ImageFault> {
    let mut bytes = Bytes(bytes);
    bytes.take(6)?;
    // The width would be the beginning of a comment, and the rest of the file a script.
    if bytes.0.starts_with(b"/*") {
        return Err(ImageFault::Polyglot);
    }
    let (width, height) = (bytes.u16_le()?.into(), bytes.u16_le()?.into());
    limits.check(width, height)?;
    let [flags, _background, _aspect] = bytes.array()?;
    bytes.take(table(flags))?;

    let mut first = None;
    let mut frames = 0;
    loop {
        match bytes.byte()? {
            b'!' => {
                bytes.byte()?;
                sub_blocks(&mut bytes)?;
            }
            b',' => {
                let frame = frame(&mut bytes)?;
                frames += 1;
                first.get_or_insert(frame);
            }
            b';' => break,
            _ => return Err(ImageFault::Broken),
        }
    }
    if !bytes.is_empty() {
        return Err(ImageFault::Polyglot);
    }
    let first = first.ok_or(ImageFault::Broken)?;
    limits.check(first.width, first.height)?;
    check_animation(frames, width, height)?;
    Ok(Inspected {
        width,
        height,
        orientation: Orientation::UPRIGHT,
        icc: None,
        source: Source::Gif(first),
    })
}

fn frame(bytes: &mut Bytes<'_>) -> Result<Frame, ImageFault> {
    let frame = Frame {
        left: bytes.u16_le()?.into(),
        top: bytes.u16_le()?.into(),
        width: bytes.u16_le()?.into(),
        height: bytes.u16_le()?.into(),
    };
    let flags = bytes.byte()?;
    bytes.take(table(flags))?;
    let _code_size = bytes.byte()?;
    sub_blocks(bytes)?;
    Ok(frame)
}

/// How long the colour table is that these flags announce, in bytes.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

fn sub_blocks(bytes: &mut Bytes<'_>) -> Result<(), ImageFault> {
    loop {
        let length = bytes.byte()?;
        if length == 0 {
            return Ok(());
        }
        bytes.take(length)?;
    }
}
