//! Pixels in memory.

/// What the samples of a pixel are, one byte each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Luminance.
    Gray,
    /// Luminance and opacity.
    GrayAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, opacity.
    Rgba,
    /// Cyan, magenta, yellow, black; 255 is full ink.
    Cmyk,
}

impl Layout {
    /// How many samples a pixel has.
    pub(crate) const fn samples(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    /// Whether the last sample is opacity.
    pub(crate) const fn has_alpha(self) -> bool {
        matches!(self, Self::GrayAlpha | Self::Rgba)
    }
}

/// A picture: rows from the top, pixels from the left, nothing in between. Opacity is not multiplied in.
#[derive(Clone, Debug)]
pub(crate) struct Raster {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) layout: Layout,
    pub(crate) pixels: Vec<u8>,
}

impl Raster {
    /// Whether no pixel lets anything through.
    pub(crate) fn is_opaque(&self) -> bool {
        let wide = self.layout.samples();
        !self.layout.has_alpha()
            || self
                .pixels
                .chunks_exact(wide)
                .all(|pixel| pixel.last() == Some(&u8::MAX))
    }

    /// Without its opacity.
    pub(crate) fn without_alpha(self) -> Self {
        let (layout, wide) = match self.layout {
            Layout::GrayAlpha => (Layout::Gray, 2),
            Layout::Rgba => (Layout::Rgb, 4),
            Layout::Gray | Layout::Rgb | Layout::Cmyk => return self,
        };
        let pixels = self
            .pixels
            .chunks_exact(wide)
            .flat_map(|pixel| pixel.iter().take(wide - 1).copied())
            .collect();
        Self {
            layout,
            pixels,
            ..self
        }
    }

    /// With three equal colours for every gray.
    pub(crate) fn in_colour(self) -> Self {
        let (layout, pixels) = match self.layout {
            Layout::Gray => {
                let pixels = self.pixels.iter().flat_map(|gray| [*gray; 3]).collect();
                (Layout::Rgb, pixels)
            }
            Layout::GrayAlpha => {
                let (pairs, _) = self.pixels.as_chunks::<2>();
                let pixels = pairs.iter().flat_map(|[l, a]| [*l, *l, *l, *a]).collect();
                (Layout::Rgba, pixels)
            }
            Layout::Rgb | Layout::Rgba | Layout::Cmyk => return self,
        };
        Self {
            layout,
            pixels,
            ..self
        }
    }
}
