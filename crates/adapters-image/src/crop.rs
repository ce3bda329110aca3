//! Which part of a picture is kept.

/// A square of the stored picture, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Square {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) side: u32,
}

impl Square {
    /// The largest square, its middle as near to the point as can be; the point is fractions of width and height.
    pub(crate) fn around((x, y): (f64, f64), width: u32, height: u32) -> Self {
        let side = width.min(height);
        Self {
            left: offset(x, width, side),
            top: offset(y, height, side),
            side,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a range that u32 holds"
)]
fn offset(fraction: f64, whole: u32, side: u32) -> u32 {
    let start = fraction * f64::from(whole) - f64::from(side) / 2.0;
    start.round().clamp(0.0, f64::from(whole - side)) as u32
}
