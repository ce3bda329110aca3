//! The type of a file, by its bytes alone.

use user_service_domain::avatar::ImageFault;

use crate::markup;

/// A type of picture that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceType {
    /// JPEG: baseline and progressive, gray, colour and CMYK.
    Jpeg,
    /// PNG of every kind; of an animated one the default picture.
    Png,
    /// WebP: lossy and lossless; of an animated one the first frame.
    Webp,
    /// GIF, the first frame.
    Gif,
    /// AVIF of one piece, of a sequence the primary picture. Read where the feature `avif` is compiled in.
    Avif,
}

impl SourceType {
    /// Those that are accepted unless told otherwise.
    pub const USUAL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    /// Those that are compiled in.
    #[cfg(not(feature = "avif"))]
    pub const COMPILED: &[Self] = &[Self::Jpeg, Self::Png, Self::Webp, Self::Gif];

    /// Those that are compiled in.
    #[cfg(feature = "avif")]
    pub const COMPILED: &[Self] = &[Self::Jpeg, Self::Png, Self::Webp, Self::Gif, Self::Avif];

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
        }
    }

    /// The type of this media type.
    pub fn of_media_type(text: &str) -> Option<Self> {
        [Self::Jpeg, Self::Png, Self::Webp, Self::Gif, Self::Avif]
            .into_iter()
            .find(|kind| kind.media_type() == text)
    }

    /// The short name, as settings spell it: `jpeg`, `png`, `webp`, `gif`, `avif`.
    pub fn name(self) -> &'static str {
        self.media_type().trim_start_matches("image/")
    }
}

/// The type, if it is one of those allowed.
pub(crate) fn sniff(bytes: &[u8], allowed: &[SourceType]) -> Result<SourceType, ImageFault> {
    let known = match bytes {
        [] => return Err(ImageFault::Empty),
        [0xff, 0xd8, 0xff, ..] => Some(SourceType::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(SourceType::Gif),
        _ if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Some(SourceType::Png),
        _ if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => {
            Some(SourceType::Webp)
        }
        _ if has_brand(bytes, &[b"avif", b"avis"]) => Some(SourceType::Avif),
        _ => None,
    };
    match known {
        Some(kind) if allowed.contains(&kind) && SourceType::COMPILED.contains(&kind) => Ok(kind),
        Some(kind) => Err(ImageFault::Type(Some(kind.media_type()))),
        None => Err(ImageFault::Type(foreign(bytes))),
    }
}

/// The media type of what is no picture that can be read.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    const HEIF: [&[u8; 4]; 8] = [
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
    ];
    if has_brand(bytes, &HEIF) {
        return Some("image/heic");
    }
    markup::document(bytes).or_else(|| infer::get(bytes).map(|kind| kind.mime_type()))
}

/// Whether it is an ISO base media file (ISO/IEC 14496-12 section 4.3) of one of these brands.
fn has_brand(bytes: &[u8], wanted: &[&[u8; 4]]) -> bool {
    let Some((head, rest)) = bytes.split_first_chunk::<8>() else {
        return false;
    };
    let [a, b, c, d, kind @ ..] = *head;
    if kind != *b"ftyp" {
        return false;
    }
    let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    let rest = rest.get(..length.saturating_sub(8)).unwrap_or(rest);
    let (major, compatible) = (rest.get(..4), rest.get(8..).unwrap_or_default());
    major
        .into_iter()
        .chain(compatible.chunks_exact(4))
        .any(|brand| wanted.iter().any(|wanted| brand == wanted.as_slice()))
}
