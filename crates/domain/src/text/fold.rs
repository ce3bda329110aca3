//! The form in which texts are compared when case and diacritics shall not matter.

use icu_casemap::CaseMapper;
use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

use crate::fault::{Fault, FaultCode};

/// Folds a text for search and sort: compatibility decomposition (NFKD), full case folding, marks and
/// invisible characters dropped, letters with a stroke and the like replaced by their base, white space
/// collapsed. The same on every engine, because no engine does it.
pub fn fold(text: &str) -> String {
    let nfkd = DecomposingNormalizerBorrowed::new_nfkd();
    let category = CodePointMapData::<GeneralCategory>::new();
    let folded = CaseMapper::new()
        .fold_string(&nfkd.normalize(text))
        .into_owned();
    let mut out = String::with_capacity(folded.len());
    let mut space = false;
    // Folding can compose anew (ŉ, ẖ): decompose again before marks are dropped.
    for c in nfkd.normalize(&folded).chars() {
        if c.is_whitespace() {
            space = !out.is_empty();
            continue;
        }
        if matches!(
            category.get(c),
            GeneralCategory::NonspacingMark
                | GeneralCategory::EnclosingMark
                | GeneralCategory::Format
                | GeneralCategory::Control
        ) {
            continue;
        }
        if space {
            out.push(' ');
            space = false;
        }
        push_base(&mut out, c);
    }
    out
}

/// Letters that Unicode does not decompose, but that people type without their stroke.
fn push_base(out: &mut String, c: char) {
    match c {
        'ø' => out.push('o'),
        'đ' | 'ð' => out.push('d'),
        'ħ' => out.push('h'),
        'ł' => out.push('l'),
        'ŧ' => out.push('t'),
        'ı' => out.push('i'),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'þ' => out.push_str("th"),
        c => out.push(c),
    }
}

/// What a search looks for: a folded text of 1 to 100 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// The longest query, in characters.
    pub const MAX: usize = 100;

    /// Folds a query. Faults: `blank`, `too_long`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        super::at_most(text, Self::MAX)?;
        let folded = fold(text);
        if folded.is_empty() {
            return Err(Fault::new(
                FaultCode::Blank,
                "must have at least one visible character",
            ));
        }
        Ok(Self(folded))
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_diacritics_do_not_matter_in_any_script() {
        for (a, b) in [
            ("Søren", "SOREN"),
            ("Ángel", "angel"),
            ("ΑΘΉΝΑ", "αθηνα"),
            ("Straße", "STRASSE"),
            ("Łódź", "lodz"),
            ("Ħal Għaxaq", "hal ghaxaq"),
            ("Ŧ", "t"),
            ("Œuvre", "oeuvre"),
            ("İstanbul", "istanbul"),
            ("Ёлка", "елка"),
            ("Nguyễn", "NGUYEN"),
            ("ﬁn", "fin"),
            ("a\u{200d}b", "ab"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("王伟"), fold("王偉"));
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
