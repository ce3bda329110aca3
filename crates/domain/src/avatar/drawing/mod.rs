//! What is shown where a person has no avatar: small SVG pictures (SVG 1.1, a square of 512 by 512 units).
//!
//! They bring all they need: no script, no style sheet, no font, nothing from elsewhere. The same arguments give
//! the same bytes, and every picture is less than 1 KiB.

mod identicon;
mod letters;
mod palette;
mod silhouette;

pub use identicon::identicon_svg;
pub use letters::initials_svg;
pub use silhouette::silhouette_svg;

/// The opening of every picture, up to the value of its label.
macro_rules! opening {
    () => {
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512" viewBox="0 0 512 512" role="img" aria-label=""#
    };
}
use opening;

#[cfg(test)]
mod tests;
