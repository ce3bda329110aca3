//! What a crop keeps.

/// The point that a square crop keeps as near to its middle as the picture allows: fractions of the width and
/// of the height of the picture as it is seen, from the upper left corner. Without one, the middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Focus {
    x: f32,
    y: f32,
}

impl Focus {
    /// The middle.
    pub const MIDDLE: Self = Self { x: 0.5, y: 0.5 };

    /// The point; `None` unless both are from 0 to 1.
    pub fn new(x: f32, y: f32) -> Option<Self> {
        let within = 0.0..=1.0;
        (within.contains(&x) && within.contains(&y)).then_some(Self { x, y })
    }

    /// Reads `x,y`.
    pub fn parse(text: &str) -> Option<Self> {
        let (x, y) = text.split_once(',')?;
        Self::new(x.trim().parse().ok()?, y.trim().parse().ok()?)
    }

    /// The fraction of the width.
    pub const fn x(self) -> f32 {
        self.x
    }

    /// The fraction of the height.
    pub const fn y(self) -> f32 {
        self.y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_focus_is_a_point_within_the_picture() {
        assert_eq!(Focus::parse("0.25, 1"), Focus::new(0.25, 1.0));
        for bad in [
            "", "0.5", "0.5,", "a,b", "0.5,1.01", "-0.1,0", "NaN,0", "inf,0", "0,0,0",
        ] {
            assert_eq!(Focus::parse(bad), None, "{bad}");
        }
    }
}
