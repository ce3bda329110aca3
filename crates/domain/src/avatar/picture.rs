//! The pictures that an avatar is written as.

use std::fmt;

/// The side of a square picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PictureSize {
    /// 64 pixels.
    Px64,
    /// 128 pixels.
    Px128,
    /// 256 pixels.
    Px256,
    /// 512 pixels.
    Px512,
}

impl PictureSize {
    /// Every size, the smallest first.
    pub const ALL: [Self; 4] = [Self::Px64, Self::Px128, Self::Px256, Self::Px512];

    /// The side in pixels.
    pub const fn pixels(self) -> u16 {
        match self {
            Self::Px64 => 64,
            Self::Px128 => 128,
            Self::Px256 => 256,
            Self::Px512 => 512,
        }
    }

    /// The smallest size that need not be enlarged to be shown with this side; else the largest.
    pub fn at_least(pixels: u32) -> Self {
        Self::ALL
            .into_iter()
            .find(|size| u32::from(size.pixels()) >= pixels)
            .unwrap_or(Self::Px512)
    }
}

/// How a picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PictureFormat {
    /// WebP (RFC 9649), for every client that names it.
    Webp,
    /// JPEG, for the others, where the picture is opaque.
    Jpeg,
    /// PNG, for the others, where the picture is transparent somewhere.
    Png,
}

impl PictureFormat {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Webp, Self::Jpeg, Self::Png];

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The end of a file's name, also as the store spells the format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webp => "webp",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
        }
    }

    /// The format of this spelling.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }
}

/// One of the pictures that an avatar is written as. It prints as the name of its file: `256.webp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variant {
    /// Its side.
    pub size: PictureSize,
    /// Its encoding.
    pub format: PictureFormat,
}

impl Variant {
    /// Every variant that any avatar may have; an avatar has WebP and one of the two others, in each size.
    pub fn all() -> impl Iterator<Item = Self> {
        PictureSize::ALL.into_iter().flat_map(|size| {
            PictureFormat::ALL
                .into_iter()
                .map(move |format| Self { size, format })
        })
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.size.pixels(), self.format.as_str())
    }
}

/// A picture that was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Which.
    pub variant: Variant,
    /// The whole file.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.variant, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_never_enlarged_where_a_larger_one_is_kept() {
        for (asked, given) in [
            (0, 64),
            (64, 64),
            (65, 128),
            (300, 512),
            (512, 512),
            (2048, 512),
        ] {
            assert_eq!(PictureSize::at_least(asked).pixels(), given);
        }
    }

    #[test]
    fn a_variant_prints_as_the_name_of_its_file() {
        let names: Vec<_> = Variant::all().map(|variant| variant.to_string()).collect();
        assert_eq!(names.len(), 12);
        assert_eq!(names[..3], ["64.webp", "64.jpeg", "64.png"]);
    }
}
