//! How a picture is to be turned.

use user_service_domain::avatar::Focus;

use crate::raster::Raster;

/// How the stored picture becomes the one that is seen (EXIF 2.32 section 4.6.4, tag 274).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Orientation {
    /// First swap rows and columns,
    transpose: bool,
    /// then mirror left and right,
    mirror: bool,
    /// then turn upside down.
    flip: bool,
}

impl Orientation {
    /// As it is.
    pub(crate) const UPRIGHT: Self = Self::of(false, false, false);

    const fn of(transpose: bool, mirror: bool, flip: bool) -> Self {
        Self {
            transpose,
            mirror,
            flip,
        }
    }

    /// Turned to the left this often by a quarter.
    #[cfg(feature = "avif")]
    pub(crate) fn turned_left(quarters: u8) -> Self {
        match quarters {
            1 => Self::of(true, false, true),
            2 => Self::of(false, true, true),
            3 => Self::of(true, true, false),
            _ => Self::UPRIGHT,
        }
    }

    /// Mirrored in addition, left and right or top and bottom.
    #[cfg(feature = "avif")]
    pub(crate) fn mirrored(self, left_and_right: bool) -> Self {
        Self {
            mirror: self.mirror ^ left_and_right,
            flip: self.flip ^ !left_and_right,
            ..self
        }
    }

    /// By its number; what is none is upright.
    fn numbered(number: u16) -> Self {
        match number {
            2 => Self::of(false, true, false),
            3 => Self::of(false, true, true),
            4 => Self::of(false, false, true),
            5 => Self::of(true, false, false),
            6 => Self::of(true, true, false),
            7 => Self::of(true, true, true),
            8 => Self::of(true, false, true),
            _ => Self::UPRIGHT,
        }
    }

    /// What the EXIF metadata say; what is broken says nothing.
    pub(crate) fn of_exif(exif: &[u8]) -> Self {
        orientation_tag(exif).map_or(Self::UPRIGHT, Self::numbered)
    }

    /// Where a point of the seen picture is in the stored one; fractions of width and height.
    pub(crate) fn stored(self, focus: Focus) -> (f64, f64) {
        let (x, y) = (f64::from(focus.x()), f64::from(focus.y()));
        let x = if self.mirror { 1.0 - x } else { x };
        let y = if self.flip { 1.0 - y } else { y };
        if self.transpose { (y, x) } else { (x, y) }
    }

    /// Turns a square picture.
    pub(crate) fn apply(self, square: Raster) -> Raster {
        if self == Self::UPRIGHT {
            return square;
        }
        let (side, wide) = (square.width, square.layout.samples());
        let stored = |x: usize, y: usize| {
            let x = if self.mirror { side - 1 - x } else { x };
            let y = if self.flip { side - 1 - y } else { y };
            if self.transpose { (y, x) } else { (x, y) }
        };
        let mut pixels = Vec::with_capacity(square.pixels.len());
        for y in 0..side {
            for x in 0..side {
                let (x, y) = stored(x, y);
                let at = (y * side + x) * wide;
                pixels.extend_from_slice(square.pixels.get(at..at + wide).unwrap_or_default());
            }
        }
        Raster { pixels, ..square }
    }
}

/// The value of tag 274 in the first directory of a TIFF file (TIFF 6.0 section 2).
fn orientation_tag(exif: &[u8]) -> Option<u16> {
    const TAG: u16 = 274;
    const ENTRY: usize = 12;
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let big = match exif.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes = *exif.get(at..)?.first_chunk()?;
        Some(if big {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    };
    let long = |at: usize| -> Option<u32> {
        let bytes = *exif.get(at..)?.first_chunk()?;
        Some(if big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    let entries = directory.checked_add(2)?;
    for number in 0..usize::from(short(directory)?) {
        let at = entries.checked_add(number * ENTRY)?;
        if short(at)? == TAG {
            // A SHORT, as it should be, or a LONG, as some write it.
            return match short(at + 2)? {
                3 => short(at + 8),
                4 => u16::try_from(long(at + 8)?).ok(),
                _ => None,
            };
        }
    }
    None
}
