//! What one letter is, in whatever script.
//!
//! The clusters come from `unicode-segmentation` (Unicode 17, with rule 9c for Indic conjuncts): a tenth of the size
//! of `icu_segmenter`, which brings the dictionaries and models of words and lines, and without a dependency.

use icu_casemap::CaseMapper;
use icu_casemap::options::{LeadingAdjustment, TitlecaseOptions, TrailingCase};
use icu_locale::LanguageIdentifier;
use icu_properties::props::{
    Alphabetic, BidiMirroringGlyph, BidiPairedBracketType, DefaultIgnorableCodePoint,
    ExtendedPictographic, GeneralCategory as Gc, GeneralCategoryGroup as Group, JoiningType,
    LogicalOrderException, Script,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::{has_visible, nfc};

/// The most characters of one letter. The longest emoji in use has ten.
const MAX_CHARS: usize = 16;
/// The most marks above and below one base. Hebrew with points and Burmese get by with three.
const MAX_MARKS: usize = 4;
/// The most clusters that a script can put together in one letter.
const MAX_CLUSTERS: usize = 3;
const ZWNJ: char = '\u{200c}';
const ZWJ: char = '\u{200d}';

/// What a cluster is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A letter, an ideograph, a syllable or a number.
    Letter,
    /// An emoji or another sign.
    Sign,
    Punctuation,
    Open,
    Close,
    /// What ends a word.
    Space,
    /// Nothing to see.
    Nothing,
}

/// What a cluster is good for, by its base.
pub(super) fn kind(cluster: &str) -> Kind {
    let Some(base) = base(cluster) else {
        return if has_visible(cluster) {
            Kind::Sign
        } else {
            Kind::Nothing
        };
    };
    // The Ethiopic wordspace is a mark of punctuation that separates words.
    if base.is_whitespace() || base == '\u{1361}' {
        return Kind::Space;
    }
    // XML knows no noncharacters.
    if !has_visible(cluster) || u32::from(base) & 0xfffe == 0xfffe {
        return Kind::Nothing;
    }
    match CodePointMapData::<BidiMirroringGlyph>::new()
        .get(base)
        .paired_bracket_type
    {
        BidiPairedBracketType::Open => return Kind::Open,
        BidiPairedBracketType::Close => return Kind::Close,
        _ => {}
    }
    let category = category(base);
    // A modifier letter is a part of another one, or an apostrophe: ʻOkina, ʼNdrangheta.
    if category == Gc::ModifierLetter {
        Kind::Sign
    } else if Group::Letter.contains(category)
        || Group::Number.contains(category)
        || is_enclosed_letter(base)
    {
        Kind::Letter
    } else if Group::Punctuation.contains(category) {
        Kind::Punctuation
    } else {
        Kind::Sign
    }
}

/// The letter that begins with this cluster, kept to a size that can be drawn.
pub(super) fn letter_at(clusters: &[(Kind, &str)], at: usize) -> String {
    let mut letter = String::new();
    let mut last = String::new();
    for (kind, cluster) in clusters.iter().skip(at).take(MAX_CLUSTERS) {
        // Some vowel signs are clusters of their own, such as the Burmese AA.
        let belongs = last.is_empty()
            || cluster.starts_with(is_mark)
            || (*kind == Kind::Letter && continues(&last, cluster));
        if !belongs {
            break;
        }
        last = trimmed(cluster);
        if letter.chars().count() + last.chars().count() > MAX_CHARS {
            break;
        }
        letter.push_str(&last);
    }
    nfc(letter.trim_end_matches([ZWJ, ZWNJ]))
}

/// The upper case of a letter where that is one letter to see: title case, which leaves Georgian in Mkhedruli
/// and makes ǆ to ǅ. Where it is more (ﬁ, ŉ, և), the first of them.
pub(super) fn capital(letter: &str) -> String {
    // Its title case is "Ss", but it has a capital of its own.
    if let Some(marks) = letter.strip_prefix('ß') {
        return format!("ẞ{marks}");
    }
    let mut options = TitlecaseOptions::default();
    options.leading_adjustment = Some(LeadingAdjustment::None);
    options.trailing_case = Some(TrailingCase::Unchanged);
    let title = CaseMapper::new().titlecase_segment_with_only_case_data_to_string(
        letter,
        &LanguageIdentifier::UNKNOWN,
        options,
    );
    if title == letter {
        return letter.to_owned();
    }
    let first = title
        .graphemes(true)
        .find(|cluster| kind(cluster) == Kind::Letter);
    nfc(first.unwrap_or(letter))
}

/// Two letters side by side. Those that would grow together (cursive scripts, conjuncts) are held apart by an
/// invisible ZERO WIDTH NON-JOINER, which is a part of the first cluster.
pub(super) fn join(first: &str, last: &str) -> String {
    let plain = format!("{first}{last}");
    let merged = plain.graphemes(true).count()
        < first.graphemes(true).count() + last.graphemes(true).count();
    if merged || continues(first, last) || is_cursive(first, last) {
        format!("{first}{ZWNJ}{last}")
    } else {
        plain
    }
}

/// Whether a letter of this script is drawn without a second one.
///
/// Chinese, Japanese and Korean names begin with the family name, mostly one character, and are shown by that
/// one; the first characters of two words would be a word of their own. Scripts that set no spaces between
/// words, or few, have no last word to tell, and two of their syllables read as one.
pub(super) fn stands_alone(letter: &str) -> bool {
    base(letter).is_some_and(|base| {
        matches!(
            CodePointMapData::<Script>::new().get(base),
            Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Bopomofo
                | Script::Hangul
                | Script::Yi
                | Script::Tangut
                | Script::Nushu
                | Script::KhitanSmallScript
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
                | Script::Tibetan
                | Script::TaiLe
                | Script::NewTaiLue
                | Script::TaiTham
                | Script::TaiViet
                | Script::Javanese
                | Script::Balinese
        )
    })
}

/// The first character that is more than a mark or a format character.
fn base(cluster: &str) -> Option<char> {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    cluster
        .chars()
        .find(|&c| !is_mark(c) && category(c) != Gc::Format && !ignorable.contains(c))
}

/// Whether `next` is a part of the letter that `last` begins, though it is a cluster of its own.
fn continues(last: &str, next: &str) -> bool {
    // Vowels that are written before the consonant after which they are spoken: Thai, Lao and their kin.
    let before = CodePointSetData::new::<LogicalOrderException>();
    if last.chars().all(|c| before.contains(c)) {
        return true;
    }
    // Conjuncts that UAX #29 leaves out: Gurmukhi, Kannada, Sinhala, and the two of Tamil.
    last.ends_with(['\u{a4d}', '\u{ccd}'])
        || last.ends_with("\u{dca}\u{200d}")
        || (last == "க்" && next.starts_with('ஷ'))
        || (matches!(last, "ஸ்" | "ஶ்") && next.starts_with("ரீ"))
}

fn is_cursive(first: &str, last: &str) -> bool {
    let types = CodePointMapData::<JoiningType>::new();
    let joining = |c| Some(types.get(c)).filter(|&joins| joins != JoiningType::Transparent);
    matches!(
        first.chars().rev().find_map(joining),
        Some(JoiningType::DualJoining | JoiningType::LeftJoining | JoiningType::JoinCausing)
    ) && matches!(
        last.chars().find_map(joining),
        Some(JoiningType::DualJoining | JoiningType::RightJoining | JoiningType::JoinCausing)
    )
}

/// The cluster without what comes before its base, and without the marks and parts that are too many.
fn trimmed(cluster: &str) -> String {
    let start = base(cluster).and_then(|base| cluster.find(base));
    let mut above_and_below = 0;
    let mut kept: String = cluster[start.unwrap_or(0)..]
        .chars()
        .filter(|&c| {
            match category(c) {
                Gc::NonspacingMark | Gc::EnclosingMark => above_and_below += 1,
                Gc::SpacingMark | Gc::Format => {}
                _ => above_and_below = 0,
            }
            above_and_below <= MAX_MARKS || !is_mark(c)
        })
        .collect();
    if kept.chars().count() > MAX_CHARS {
        let mut chars = kept.chars();
        kept = chars
            .next()
            .into_iter()
            .chain(chars.take_while(|&c| is_mark(c)))
            .take(MAX_CHARS)
            .collect();
    }
    // What lost a mark between its parts may have become two.
    kept.graphemes(true).next().unwrap_or_default().to_owned()
}

pub(super) fn is_mark(c: char) -> bool {
    matches!(
        category(c),
        Gc::NonspacingMark | Gc::EnclosingMark | Gc::SpacingMark
    )
}

/// ⓐ and 🄰, but not the emoji 🅰.
fn is_enclosed_letter(c: char) -> bool {
    CodePointSetData::new::<Alphabetic>().contains(c)
        && !CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

fn category(c: char) -> Gc {
    CodePointMapData::<Gc>::new().get(c)
}
