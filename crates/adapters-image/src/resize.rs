//! From a square of any size to one that is written.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{
    FilterType, ImageBufferError, ImageError, MulDiv, PixelType, ResizeAlg, ResizeError,
    ResizeOptions, Resizer,
};

use crate::decode::Decoded;
use crate::narrow::index;
use crate::raster::{Layout, Raster};

/// A bug: what is given to the resizer always fits.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResizeFault {
    #[error("the pixels do not make a picture")]
    Pixels(#[from] ImageBufferError),
    #[error("the resizer refused")]
    Resize(#[from] ResizeError),
    #[error("the opacity could not be multiplied in")]
    Opacity(#[from] ImageError),
    #[error("a side is too long")]
    Side(#[from] std::num::TryFromIntError),
}

/// The kept square, with this side. Smaller or larger, by Lanczos' filter with three lobes, on colours that are
/// weighted with their opacity.
pub(crate) fn square(decoded: Decoded, side: u16) -> Result<Raster, ResizeFault> {
    let Decoded {
        raster,
        left,
        top,
        side: kept,
    } = decoded;
    // An opaque picture, as most are, is done with here in every respect.
    let raster = if raster.is_opaque() {
        raster.without_alpha()
    } else {
        raster
    };
    let layout = raster.layout;
    let kind = kind(layout);
    let (width, height) = (u32::try_from(raster.width)?, u32::try_from(raster.height)?);
    let kept = kept.min(width.into()).min(height.into());
    let left = left.clamp(0.0, f64::from(width) - kept);
    let top = top.clamp(0.0, f64::from(height) - kept);

    let mut source = Image::from_vec_u8(width, height, raster.pixels, kind)?;
    if layout.has_alpha() {
        MulDiv::new().multiply_alpha_inplace(&mut source)?;
    }
    let mut small = scale(&source, [left, top, kept], side)?;
    drop(source);
    if layout.has_alpha() {
        MulDiv::new().divide_alpha_inplace(&mut small)?;
    }
    Ok(Raster {
        width: index(side),
        height: index(side),
        layout,
        pixels: small.into_vec(),
    })
}

/// A smaller copy of a square that is to be written.
pub(crate) fn smaller(of: &Raster, side: u16) -> Result<Raster, ResizeFault> {
    let whole = u32::try_from(of.width)?;
    let kind = kind(of.layout);
    let crop = [0.0, 0.0, f64::from(whole)];
    let mut small = if of.layout.has_alpha() {
        let mut source = Image::from_vec_u8(whole, whole, of.pixels.clone(), kind)?;
        MulDiv::new().multiply_alpha_inplace(&mut source)?;
        scale(&source, crop, side)?
    } else {
        scale(&ImageRef::new(whole, whole, &of.pixels, kind)?, crop, side)?
    };
    if of.layout.has_alpha() {
        MulDiv::new().divide_alpha_inplace(&mut small)?;
    }
    Ok(Raster {
        width: index(side),
        height: index(side),
        layout: of.layout,
        pixels: small.into_vec(),
    })
}

fn scale(
    source: &impl fast_image_resize::IntoImageView,
    [left, top, kept]: [f64; 3],
    side: u16,
) -> Result<Image<'static>, ResizeFault> {
    let Some(kind) = source.pixel_type() else {
        return Err(ResizeError::PixelTypesAreDifferent.into());
    };
    let mut small = Image::new(side.into(), side.into(), kind);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .use_alpha(false)
        .crop(left, top, kept, kept);
    Resizer::new().resize(source, &mut small, &options)?;
    Ok(small)
}

const fn kind(layout: Layout) -> PixelType {
    match layout {
        Layout::Gray => PixelType::U8,
        Layout::GrayAlpha => PixelType::U8x2,
        Layout::Rgb => PixelType::U8x3,
        Layout::Rgba | Layout::Cmyk => PixelType::U8x4,
    }
}
