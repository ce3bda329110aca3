//! What a file says of itself, read from its structure alone: nothing is decoded here.

#[cfg(feature = "avif")]
pub(crate) mod avif;
mod bytes;
pub(crate) mod gif;
#[cfg(feature = "avif")]
mod isobmff;
pub(crate) mod jpeg;
mod packed;
pub(crate) mod png;
mod trailer;
mod vp8l;
pub(crate) mod webp;

use user_service_domain::avatar::ImageFault;

use crate::markup;
use crate::narrow::wide;
use crate::orient::Orientation;
use crate::settings::ImageSettings;
use crate::sniff::{SourceType, sniff};

/// How many pixels all frames of an animation together may have. Only one is decoded, but whoever sends more
/// sends no avatar.
const MAX_ANIMATED_PIXELS: u64 = 400_000_000;

/// A file that is what it should be.
pub(crate) struct Inspected {
    /// In pixels, as stored.
    pub(crate) width: u32,
    /// In pixels, as stored.
    pub(crate) height: u32,
    /// How to turn it.
    pub(crate) orientation: Orientation,
    /// What its colours mean (ICC.1); sRGB if it does not say.
    pub(crate) icc: Option<Vec<u8>>,
    /// What its decoder needs to know.
    pub(crate) source: Source,
}

/// What the decoders need to know.
pub(crate) enum Source {
    Jpeg(jpeg::Frame),
    Png(png::Header),
    Webp(webp::Frame),
    Gif(gif::Frame),
    #[cfg(feature = "avif")]
    Avif(avif::Frame),
}

/// Reads the structure of a file.
pub(crate) fn inspect(bytes: &[u8], settings: &ImageSettings) -> Result<Inspected, ImageFault> {
    let kind = sniff(bytes, &settings.allowed)?;
    let limits = Limits {
        pixels: settings.max_pixels,
        side: settings.max_side,
    };
    let inspected = match kind {
        SourceType::Jpeg => jpeg::inspect(bytes, limits)?,
        SourceType::Png => png::inspect(bytes, limits)?,
        SourceType::Webp => webp::inspect(bytes, limits)?,
        SourceType::Gif => gif::inspect(bytes, limits)?,
        #[cfg(feature = "avif")]
        SourceType::Avif => avif::inspect(bytes, limits)?,
        #[cfg(not(feature = "avif"))]
        SourceType::Avif => return Err(ImageFault::Type(Some(kind.media_type()))),
    };
    if markup::is_in(bytes) || trailer::ends_as_archive(bytes) {
        return Err(ImageFault::Polyglot);
    }
    Ok(inspected)
}

/// How large a picture may be.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pixels: u64,
    side: u32,
}

impl Limits {
    /// Fails for a picture that is too large, or has no pixel.
    fn check(self, width: u32, height: u32) -> Result<(), ImageFault> {
        if width == 0 || height == 0 {
            Err(ImageFault::Broken)
        } else if width.max(height) > self.side {
            Err(ImageFault::Side { width, height })
        } else if area(width, height) > self.pixels {
            Err(ImageFault::Pixels { width, height })
        } else {
            Ok(())
        }
    }
}

/// In pixels.
pub(crate) fn area(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

/// Fails for an animation that has too much to show.
fn check_animation(frames: usize, width: u32, height: u32) -> Result<(), ImageFault> {
    if frames > 1 && wide(frames).saturating_mul(area(width, height)) > MAX_ANIMATED_PIXELS {
        Err(ImageFault::Animation)
    } else {
        Ok(())
    }
}
