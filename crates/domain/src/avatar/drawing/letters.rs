//! Somebody's initials.

use std::borrow::Cow;

use icu_properties::CodePointMapData;
use icu_properties::props::{CanonicalCombiningClass, EastAsianWidth, GeneralCategory};

use super::{opening, palette};
use crate::avatar::Initials;

const ZWJ: char = '\u{200d}';

/// The initials in white on the colour of the seed, which may be any bytes that stay with the person.
///
/// Two letters of a script that is written from the right are put in order by the bidirectional algorithm
/// (UAX #9) of whoever draws; as the text is centred, the direction of the whole makes no difference to its place.
pub fn initials_svg(initials: &Initials, seed: &[u8]) -> String {
    let (colour, _) = palette::of(seed);
    let text = escaped(initials.as_str());
    let size = font_size(initials.as_str());
    // 0.35 em below the middle is the base line of capitals that are 0.7 em high; not every renderer knows
    // `dominant-baseline`.
    format!(
        r##"{}{text}"><rect width="512" height="512" fill="{colour}"/><text x="256" y="256" dy=".35em" text-anchor="middle" font-family="system-ui,sans-serif" font-size="{size}" fill="#fff">{text}</text></svg>"##,
        opening!(),
    )
}

/// In units of the picture: so that the text takes about two thirds of the width, and one letter half of the height.
fn font_size(text: &str) -> u32 {
    let classes = CodePointMapData::<CanonicalCombiningClass>::new();
    let mut width = 0;
    let mut conjunct = false;
    for c in text.chars() {
        // What follows a virama is drawn within, below or beside its consonant.
        let most = if conjunct { 30 } else { u32::MAX };
        width += hundredths_of_em(c).min(most);
        conjunct = classes.get(c) == CanonicalCombiningClass::Virama || (conjunct && c == ZWJ);
    }
    // Emoji that are put together from several are drawn as one.
    let width = if text.contains(ZWJ) {
        width.min(200)
    } else {
        width
    };
    (34_000 / width.max(1)).clamp(64, 256)
}

/// About how wide a character is.
fn hundredths_of_em(c: char) -> u32 {
    match CodePointMapData::<GeneralCategory>::new().get(c) {
        GeneralCategory::NonspacingMark
        | GeneralCategory::EnclosingMark
        | GeneralCategory::Format => return 0,
        GeneralCategory::SpacingMark => return 50,
        _ => {}
    }
    match CodePointMapData::<EastAsianWidth>::new().get(c) {
        EastAsianWidth::Wide | EastAsianWidth::Fullwidth => 120,
        _ if matches!(c, 'M' | 'W' | 'm' | 'w' | '@') => 95,
        _ => 75,
    }
}

/// For the content of an element as for the value of an attribute.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}
