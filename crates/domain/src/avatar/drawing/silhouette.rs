//! Somebody.

use super::opening;

/// A head and shoulders in grey, the same for everybody.
pub fn silhouette_svg() -> &'static str {
    concat!(
        opening!(),
        r##"avatar"><rect width="512" height="512" fill="#c5cad3"/>"##,
        r##"<circle cx="256" cy="204" r="92" fill="#fff"/>"##,
        r##"<path d="M72 512c0-106 82-178 184-178s184 72 184 178z" fill="#fff"/></svg>"##,
    )
}
