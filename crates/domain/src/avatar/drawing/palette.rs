//! The colours of those who have no picture.

use sha2::{Digest as _, Sha256};

/// Backgrounds on which white text has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3). Sixteen, so that a byte
/// of a hash picks each as often.
pub(super) const COLOURS: [&str; 16] = [
    "#c62828", "#ad1457", "#a0306f", "#6a1b9a", "#4527a0", "#283593", "#1565c0", "#01699f",
    "#00707a", "#00695c", "#2e7d32", "#33691e", "#6b6310", "#a84300", "#6d4c41", "#455a64",
];

/// The colour of a seed and the rest of its hash, to draw with.
pub(super) fn of(seed: &[u8]) -> (&'static str, [u8; 31]) {
    let [pick, rest @ ..] = <[u8; 32]>::from(Sha256::digest(seed));
    (COLOURS[usize::from(pick) % COLOURS.len()], rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, "relative luminance".
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn white_letters_can_be_read_on_every_colour() {
        for colour in COLOURS {
            assert_eq!(colour.len(), 7, "{colour}");
            let contrast = 1.05 / (luminance(colour) + 0.05);
            assert!(contrast >= 4.5, "{colour}: {contrast:.2}");
        }
    }

    #[test]
    fn people_are_spread_over_all_colours() {
        let picked: std::collections::BTreeSet<_> =
            (0..=255_u8).map(|seed| of(&[seed]).0).collect();
        assert_eq!(picked.len(), COLOURS.len());
    }
}
