//! Which characters a text may hold.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

use crate::fault::{Fault, FaultCode};

/// The text in Normalization Form C (UAX #15).
pub(crate) fn nfc(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc()
        .normalize(text)
        .into_owned()
}

/// Refuses more than `max` Unicode scalar values.
pub(crate) fn at_most(text: &str, max: usize) -> Result<(), Fault> {
    if text.len() > max && text.chars().count() > max {
        return Err(Fault::too_long(max));
    }
    Ok(())
}

/// Refuses control characters, noncharacters, line and paragraph separators, and the bidirectional
/// embeddings, overrides and isolates that can make a text read as another (UAX #9 section 2.7).
/// `lines` lets line feeds and tabs through.
pub(crate) fn no_controls(text: &str, lines: bool) -> Result<(), Fault> {
    for c in text.chars() {
        let refused = match c {
            '\n' | '\t' => !lines,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                return Err(Fault::new(
                    FaultCode::BidiControl,
                    "must not have bidirectional embedding, override or isolate characters",
                ));
            }
            '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' => true,
            c => {
                c.is_control()
                    || u32::from(c) & 0xfffe == 0xfffe
                    || ('\u{fdd0}'..='\u{fdef}').contains(&c)
            }
        };
        if refused {
            return Err(Fault::new(
                FaultCode::ControlCharacter,
                "must not have control characters",
            ));
        }
    }
    Ok(())
}

/// Whether a reader would see anything: not only spaces, marks without a base, and characters that
/// fonts draw as nothing.
pub(crate) fn has_visible(text: &str) -> bool {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let category = CodePointMapData::<GeneralCategory>::new();
    text.chars().any(|c| {
        !ignorable.contains(c)
            && c != '\u{2800}'
            && !matches!(
                category.get(c),
                GeneralCategory::SpaceSeparator
                    | GeneralCategory::LineSeparator
                    | GeneralCategory::ParagraphSeparator
                    | GeneralCategory::Control
                    | GeneralCategory::Format
                    | GeneralCategory::NonspacingMark
                    | GeneralCategory::EnclosingMark
            )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_scalar_values() {
        assert!(at_most(&"é".repeat(100), 100).is_ok());
        assert!(at_most(&"👩".repeat(101), 100).is_err());
    }

    #[test]
    fn invisible_text_is_seen_as_such() {
        for text in [
            "",
            " ",
            "\u{200b}\u{2060}",
            "\u{3164}",
            "\u{2800}",
            "\u{301}",
            "\u{feff}",
        ] {
            assert!(!has_visible(text), "{text:?}");
        }
        for text in ["a", "王", "👩‍🚀", "ก็", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"] {
            assert!(has_visible(text), "{text:?}");
        }
    }
}
