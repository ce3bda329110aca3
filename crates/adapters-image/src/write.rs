//! The files that an avatar is written as.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use user_service_domain::avatar::{
    AvatarDigest, Picture, PictureFormat, PictureSize, Rendered, Thumbhash, Variant,
};

use crate::raster::{Layout, Raster};
use crate::resize::{self, ResizeFault};

/// Qualities on the scales of libwebp and libjpeg.
const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 85;

/// A bug: pixels that were made here can be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteFault {
    #[error(transparent)]
    Resize(#[from] ResizeFault),
    #[error("WebP could not be written: {0:?}")]
    Webp(webp::WebPEncodingError),
    #[error("JPEG could not be written")]
    Jpeg(#[from] jpeg_encoder::EncodingError),
    #[error("PNG could not be written")]
    Png(#[from] png::EncodingError),
    #[error("a side is too long")]
    Side(#[from] std::num::TryFromIntError),
}

/// Writes every size, in both formats, from the largest: sRGB, with opacity or without.
pub(crate) fn write(largest: Raster) -> Result<Rendered, WriteFault> {
    let largest = if largest.is_opaque() {
        largest.without_alpha()
    } else {
        largest
    };
    let fallback = if largest.layout.has_alpha() {
        PictureFormat::Png
    } else {
        PictureFormat::Jpeg
    };
    let mut pictures = Vec::with_capacity(2 * PictureSize::ALL.len());
    let mut thumbhash = None;
    for size in PictureSize::ALL {
        let small;
        let raster = if usize::from(size.pixels()) == largest.width {
            &largest
        } else {
            small = resize::smaller(&largest, size.pixels())?;
            &small
        };
        if size == PictureSize::Px64 {
            thumbhash = Some(hash_of(raster));
        }
        for format in [PictureFormat::Webp, fallback] {
            let variant = Variant { size, format };
            let bytes = encode(raster, format)?;
            pictures.push(Picture { variant, bytes });
        }
    }
    Ok(Rendered {
        digest: digest(&pictures),
        fallback,
        thumbhash: Thumbhash::new(thumbhash.unwrap_or_default()),
        pictures,
    })
}

fn encode(raster: &Raster, format: PictureFormat) -> Result<Vec<u8>, WriteFault> {
    match format {
        PictureFormat::Webp => encode_webp(raster),
        PictureFormat::Jpeg => encode_jpeg(raster),
        PictureFormat::Png => encode_png(raster),
    }
}

fn encode_webp(raster: &Raster) -> Result<Vec<u8>, WriteFault> {
    let layout = match raster.layout {
        Layout::Rgba => webp::PixelLayout::Rgba,
        _ => webp::PixelLayout::Rgb,
    };
    let (width, height) = (raster.width.try_into()?, raster.height.try_into()?);
    let file = webp::Encoder::new(&raster.pixels, layout, width, height)
        .encode_simple(false, WEBP_QUALITY)
        .map_err(WriteFault::Webp)?;
    Ok(file.to_vec())
}

fn encode_jpeg(raster: &Raster) -> Result<Vec<u8>, WriteFault> {
    let (width, height) = (raster.width.try_into()?, raster.height.try_into()?);
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, JPEG_QUALITY);
    encoder.set_optimized_huffman_tables(true);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder.encode(&raster.pixels, width, height, jpeg_encoder::ColorType::Rgb)?;
    Ok(file)
}

fn encode_png(raster: &Raster) -> Result<Vec<u8>, WriteFault> {
    let (width, height) = (raster.width.try_into()?, raster.height.try_into()?);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(match raster.layout {
        Layout::Rgba => png::ColorType::Rgba,
        _ => png::ColorType::Rgb,
    });
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&raster.pixels)?;
    writer.finish()?;
    Ok(file)
}

/// The `ThumbHash` of a small picture, in base64.
fn hash_of(raster: &Raster) -> String {
    let pixels: Vec<u8> = if raster.layout.has_alpha() {
        raster.pixels.clone()
    } else {
        let (pixels, _) = raster.pixels.as_chunks::<3>();
        pixels
            .iter()
            .flat_map(|[r, g, b]| [*r, *g, *b, u8::MAX])
            .collect()
    };
    STANDARD.encode(thumbhash::rgba_to_thumb_hash(
        raster.width,
        raster.height,
        &pixels,
    ))
}

/// The first half of the SHA-256 over every file, each after its name and length, in the order they were made.
fn digest(pictures: &[Picture]) -> AvatarDigest {
    let mut hash = Sha256::new();
    for picture in pictures {
        hash.update(picture.variant.to_string());
        hash.update(crate::narrow::wide(picture.bytes.len()).to_be_bytes());
        hash.update(&picture.bytes);
    }
    let mut half = [0; 16];
    half.iter_mut()
        .zip(hash.finalize())
        .for_each(|(to, from)| *to = from);
    AvatarDigest(half)
}
