//! A pattern that is somebody's own.

use std::fmt::Write as _;

use super::{opening, palette};

/// A mirrored pattern of 5 by 5 squares in one of the colours, by the SHA-256 of the seed (2^19 pictures: they
/// help to tell people apart, and prove nothing).
pub fn identicon_svg(seed: &[u8]) -> String {
    let (colour, [high, low, ..]) = palette::of(seed);
    let bits = u16::from_be_bytes([high, low]) & 0x7fff;
    // Without a square there would be nothing to see: the one in the middle, then.
    let bits = if bits == 0 { 1 << 12 } else { bits };
    let mut path = String::new();
    for row in 0..5 {
        let filled = |column: u16| bits >> (row * 3 + column.min(4 - column)) & 1 == 1;
        let mut column = 0;
        while column < 5 {
            let run = (column..5)
                .take_while(|&c| filled(c))
                .map(|_| 1)
                .sum::<u16>();
            if run > 0 {
                let (x, y, width) = (56 + 80 * column, 56 + 80 * row, 80 * run);
                // Writing to a string cannot fail.
                let _ = write!(path, "M{x} {y}h{width}v80h-{width}z");
            }
            column += run.max(1);
        }
    }
    format!(
        r##"{}avatar"><rect width="512" height="512" fill="#f0f0f0"/><path d="{path}" fill="{colour}"/></svg>"##,
        opening!(),
    )
}
