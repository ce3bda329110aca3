//! From whatever colours a picture is stored in to sRGB.

use std::panic::{AssertUnwindSafe, catch_unwind};

use moxcms::{ColorProfile, DataColorSpace, Layout as Samples, TransformOptions};

use crate::raster::{Layout, Raster};

/// Converts to sRGB by the profile (ICC.1). One that is broken, or of another kind of picture, is ignored: then
/// colours are taken for sRGB already, and inks for ideal ones.
pub(crate) fn to_srgb(raster: Raster, icc: Option<&[u8]>) -> Raster {
    let raster = match by_profile(&raster, icc) {
        Some(converted) => converted,
        None if raster.layout == Layout::Cmyk => ideal_inks(&raster),
        None => raster,
    };
    raster.in_colour()
}

fn by_profile(raster: &Raster, icc: Option<&[u8]>) -> Option<Raster> {
    let icc = icc?;
    // Profiles come from strangers and their parser is young: a panic is a broken profile.
    catch_unwind(AssertUnwindSafe(|| convert(raster, icc)))
        .ok()
        .flatten()
}

fn convert(raster: &Raster, icc: &[u8]) -> Option<Raster> {
    let profile = ColorProfile::new_from_slice(icc).ok()?;
    let in_colour;
    let (raster, from, to, layout) = match (profile.color_space, raster.layout) {
        (DataColorSpace::Gray, Layout::Gray) => (raster, Samples::Gray, Samples::Rgb, Layout::Rgb),
        (DataColorSpace::Gray, Layout::GrayAlpha) => {
            (raster, Samples::GrayAlpha, Samples::Rgba, Layout::Rgba)
        }
        (DataColorSpace::Cmyk, Layout::Cmyk) => (raster, Samples::Rgba, Samples::Rgb, Layout::Rgb),
        (DataColorSpace::Rgb, Layout::Rgb | Layout::Gray) => {
            in_colour = raster.clone().in_colour();
            (&in_colour, Samples::Rgb, Samples::Rgb, Layout::Rgb)
        }
        (DataColorSpace::Rgb, Layout::Rgba | Layout::GrayAlpha) => {
            in_colour = raster.clone().in_colour();
            (&in_colour, Samples::Rgba, Samples::Rgba, Layout::Rgba)
        }
        _ => return None,
    };
    let transform = profile
        .create_transform_8bit(
            from,
            &ColorProfile::new_srgb(),
            to,
            TransformOptions::default(),
        )
        .ok()?;
    let mut pixels = vec![0; raster.width * raster.height * layout.samples()];
    transform.transform(&raster.pixels, &mut pixels).ok()?;
    Some(Raster {
        width: raster.width,
        height: raster.height,
        layout,
        pixels,
    })
}

/// What light is left by inks that each take exactly one colour.
fn ideal_inks(raster: &Raster) -> Raster {
    let (inks, _) = raster.pixels.as_chunks::<4>();
    let light = |ink: u8, black: u8| {
        let left = u16::from(!ink) * u16::from(!black);
        crate::narrow::sample((left + 127) / 255)
    };
    let pixels = inks
        .iter()
        .flat_map(|[c, m, y, k]| [light(*c, *k), light(*m, *k), light(*y, *k)])
        .collect();
    Raster {
        width: raster.width,
        height: raster.height,
        layout: Layout::Rgb,
        pixels,
    }
}
