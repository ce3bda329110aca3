use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation as _;

use super::*;
use crate::text::has_visible;

/// Names and their initials. Invisible characters are written out.
const NAMES: &[(&str, &str)] = &[
    // Latin
    ("Ana", "A"),
    ("Ludwig van Beethoven", "LB"),
    ("ana sørensen", "AS"),
    ("øyvind ås", "ØÅ"),
    ("Đặng Thùy Trâm", "ĐT"),
    ("Anne-Marie Müller-Lüdenscheidt", "AM"),
    ("  Jean   Luc  ", "JL"),
    ("Dr. Ana", "DA"),
    ("Smith, John", "SJ"),
    ("J. R. R. Tolkien", "JT"),
    ("J.R.R. Tolkien", "JT"),
    ("'Ana' O'Neil", "AO"),
    ("“Ana” «Ng»", "AN"),
    ("„Ana“ Ng", "AN"),
    ("¿Ana?", "A"),
    ("@ana", "A"),
    ("ʻOkina Keola", "OK"),
    ("ʼNdrangheta", "N"),
    ("ironman", "I"),
    ("ıtır İnce", "Iİ"),
    ("ßen straße", "ẞS"),
    ("ŉdou ǆemal", "Nǅ"),
    ("ﬁona ﬂynn", "FF"),
    ("ĳsbrand", "Ĳ"),
    ("n\u{303}ato x\u{301}u", "ÑX\u{301}"),
    ("Ｊｏｈｎ Ｓｍｉｔｈ", "ＪＳ"),
    ("𝓐𝓷𝓪 𝓢𝓶𝓲𝓽𝓱", "𝓐𝓢"),
    ("ⓐⓝⓐ Ⓢⓜⓘⓣⓗ", "ⒶⓈ"),
    // Brackets
    ("Ana Ng (they/them)", "AN"),
    ("Ana (she) Ng [admin]", "AN"),
    ("(they/them) Ana", "A"),
    ("(Ana)", "A"),
    ("(ana [b] ng", "AN"),
    ("Ana (she/h", "A"),
    (":) Ana Ng", "AN"),
    (":( Ana Ng", "AN"),
    ("王伟（Wei Wang）", "王"),
    // Digits
    ("4 Non Blondes", "4B"),
    ("50 Cent", "5C"),
    ("007", "0"),
    ("Henry Ⅷ", "HⅧ"),
    // Other alphabets with case
    ("Лев Николаевич Толстой", "ЛТ"),
    ("ёлка", "Ё"),
    ("άννα παπαδοπούλου", "ΆΠ"),
    ("Ωμέγα", "Ω"),
    ("ΐω", "Ϊ\u{301}"),
    ("արամ խաչատրյան", "ԱԽ"),
    ("ևա", "Ե"),
    ("ნინო კვირიკაშვილი", "ნკ"),
    ("ꮳꮃꭹ", "Ꮳ"),
    ("𐐨𐐩 𐐪", "𐐀𐐂"),
    // From the right, in the order of reading
    ("דוד בן גוריון", "דג"),
    ("שׁרה", "ש\u{5c1}"),
    ("محمد علي", "م\u{200c}ع"),
    ("لیلا اصفهانی", "ل\u{200c}ا"),
    ("أحمد", "أ"),
    ("آرش کمانگیر", "آک"),
    ("فاطمة (طالبة)", "ف"),
    ("ܝܘܚܢܢ ܒܪ", "ܝ\u{200c}ܒ"),
    ("ޢަލީ މަނިކު", "ޢަމަ"),
    ("𞤀𞤁 𞤂", "𞤀\u{200c}𞤂"),
    ("𞤢𞤣", "𞤀"),
    // Indic
    ("क्षमा शर्मा", "क्षश"),
    ("हिमांशु", "हि"),
    ("শ্রী দাস", "শ্রীদা"),
    ("ਪ੍ਰੀਤ ਕੌਰ", "ਪ੍ਰੀਕੌ"),
    ("પ્રિયા", "પ્રિ"),
    ("கமல் ஹாசன்", "கஹா"),
    ("ஸ்ரீதேவி", "ஸ்ரீ"),
    ("க்ஷேமா", "க்ஷே"),
    ("ప్రభాస్", "ప్ర"),
    ("ಪ್ರಕಾಶ್ ರಾಜ್", "ಪ್ರರಾ"),
    ("ശ്രീജ", "ശ്രീ"),
    ("ශ්\u{200d}රීමත්", "ශ්\u{200d}රී"),
    ("ක් රාම", "ක්රා"),
    ("ਕ੍ ਰ", "ਕ੍\u{200c}ਰ"),
    ("क् त", "क्\u{200c}त"),
    // One letter for those that stand alone
    ("王伟", "王"),
    ("王 伟", "王"),
    ("山田 太郎", "山"),
    ("さくら", "さ"),
    ("か\u{3099}く", "が"),
    ("ジョン・スミス", "ジ"),
    ("ﾊ\u{ff9e}ﾛ", "ﾊ\u{ff9e}"),
    ("김철수", "김"),
    ("김 철수", "김"),
    ("\u{1100}\u{1161}\u{11a8}", "각"),
    ("𠮷野", "𠮷"),
    ("ㄅㄆ", "ㄅ"),
    ("Wei 王", "W"),
    ("王 Wei", "王"),
    ("สมชาย ใจดี", "ส"),
    ("เกรียงไกร", "เก"),
    ("ใจดี", "ใจ"),
    ("กำพล", "กำ"),
    ("ໄຊຍະ", "ໄຊ"),
    ("ស្រីមុំ", "ស្រី"),
    ("အောင်ဆန်း", "အော"),
    ("བསྟན་འཛིན", "བ"),
    // Others
    ("አበበ ቢቂላ", "አቢ"),
    ("አበበ፡ቢቂላ", "አቢ"),
    ("ᏣᎳᎩ", "Ꮳ"),
    ("ᠮᠣᠩᠭᠣᠯ ᠪᠠ", "ᠮ\u{200c}ᠪ"),
    ("ⵜⵉⴼⵉ ⵏⴰ", "ⵜⵏ"),
    ("ߒߞߏ ߓߊ", "ߒ\u{200c}ߓ"),
    // Emoji and signs
    ("👩\u{200d}🚀", "👩\u{200d}🚀"),
    ("👩🏽\u{200d}🚀 👍🏿", "👩🏽\u{200d}🚀"),
    (
        "👨\u{200d}👩\u{200d}👧\u{200d}👦",
        "👨\u{200d}👩\u{200d}👧\u{200d}👦",
    ),
    ("🇳🇴🇸🇪", "🇳🇴"),
    ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
    ("1\u{fe0f}\u{20e3}", "1\u{fe0f}\u{20e3}"),
    ("#\u{fe0f}\u{20e3}", "#\u{fe0f}\u{20e3}"),
    ("❤\u{fe0f}", "❤\u{fe0f}"),
    ("🅰\u{fe0f}", "🅰\u{fe0f}"),
    ("🌸 Ana 🌸", "A"),
    ("🌸Ana Ng🌸", "AN"),
    ("(🌸)", "🌸"),
    ("Zoë 👩\u{200d}🚀", "Z"),
    ("...🌸", "🌸"),
    ("...", "."),
    ("()", "("),
    ("$", "$"),
    ("¯\\_(ツ)_/¯", "ツ"),
    ("々", "々"),
    // What is not seen
    ("\u{3164}Ana", "A"),
    ("\u{200d}Ana\u{200b} \u{200b}Ng", "AN"),
    ("\u{301}Ana", "A"),
    ("\u{2800}Ana", "A"),
    ("A\u{200d} N\u{200c}", "AN"),
    ("\u{600}1", "1"),
    ("\u{d4e} Ana", "\u{d4e}\u{200c}A"),
    ("\u{93e}", "\u{93e}"),
];

#[test]
fn names_of_every_script_have_their_initials() {
    let wrong: Vec<_> = NAMES
        .iter()
        .filter_map(|(name, expected)| {
            let found = Initials::of(&DisplayName::parse(name).unwrap());
            (found.as_str() != *expected).then(|| format!("{name:?}: {found:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_heap_of_marks_is_cut_to_what_can_be_drawn() {
    let name = format!("a{} b{}", "\u{316}".repeat(40), "\u{301}\u{316}".repeat(25));
    let found = Initials::of(&DisplayName::parse(&name).unwrap());
    assert_eq!(found.as_str().chars().count(), 10, "{found:?}");
    for endless in [
        "\u{1100}",
        "\u{903}",
        "\u{e0041}",
        "\u{200d}👩",
        "\u{94d}क",
        "เ",
        "\u{ccd}ಕ",
    ] {
        let name = format!("क{}", endless.repeat(49));
        let found = Initials::of(&DisplayName::parse(&name).unwrap());
        check(&found);
    }
}

#[test]
fn a_stored_name_that_no_parser_saw_does_no_harm() {
    for name in ["", " ", "\0", "\u{fffe}", "\u{1}\u{200b}"] {
        assert_eq!(
            Initials::of(&DisplayName::stored(name.to_owned())).as_str(),
            "?"
        );
    }
    let name = DisplayName::stored("\u{0}a\u{b}\u{ffff} \u{85}b".to_owned());
    assert_eq!(Initials::of(&name).as_str(), "AB");
}

fn check(found: &Initials) {
    let text = found.as_str();
    assert!(has_visible(text), "{text:?}");
    assert!(text.len() <= Initials::MAX_BYTES, "{text:?}");
    assert!(!text.contains(char::is_whitespace), "{text:?}");
    assert!(!text.contains(char::is_control), "{text:?}");
    assert_eq!(crate::text::nfc(text), text);
    // In some scripts a letter is up to three clusters of UAX #29.
    let gathers = |c| {
        matches!(c, '\u{a4d}' | '\u{ccd}' | '\u{dca}' | '\u{bcd}')
            || icu_properties::CodePointSetData::new::<icu_properties::props::LogicalOrderException>().contains(c)
    };
    let most = if text.contains(gathers) { 6 } else { 2 };
    let clusters = text
        .graphemes(true)
        .enumerate()
        .filter(|(at, cluster)| *at == 0 || !cluster.starts_with(letter::is_mark))
        .count();
    assert!((1..=most).contains(&clusters), "{text:?}");
}

/// Any name, with more than its share of what is hard.
pub(in crate::avatar) fn names() -> impl Strategy<Value = DisplayName> {
    let hard = "[ ()'\"<&>a-zßŉﬁΐǆ\u{300}-\u{320}\u{200c}\u{200d}\u{fe0f}\u{20e3}क्षਕ੍ಕ್ක්க்ஷเแกم لا1👩🚀🏽🇳🇴\u{1100}\u{1161}အော\u{3164}\u{600}\u{d4e}\u{e0041}\u{e007f}]{1,40}";
    let corpus = proptest::collection::vec(
        proptest::sample::select(NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>()),
        1..4,
    )
    .prop_map(|names| names.join(" "));
    prop_oneof!["\\PC{1,40}".boxed(), hard.boxed(), corpus.boxed()]
        .prop_filter_map("no name", |text| DisplayName::parse(&text).ok())
}

proptest! {
    #[test]
    fn every_name_has_one_or_two_letters_to_show(name in names()) {
        let found = Initials::of(&name);
        check(&found);
        prop_assert_eq!(Initials::of(&name), found);
    }
}
