use proptest::prelude::*;

use super::*;
use crate::avatar::Initials;
use crate::profile::DisplayName;

const ALLOWED: [(&str, &[&str]); 5] = [
    ("svg", &["width", "height", "viewBox", "role", "aria-label"]),
    ("rect", &["width", "height", "fill"]),
    ("circle", &["cx", "cy", "r", "fill"]),
    ("path", &["d", "fill"]),
    (
        "text",
        &[
            "x",
            "y",
            "dy",
            "text-anchor",
            "font-family",
            "font-size",
            "fill",
        ],
    ),
];

/// Checks that a picture is small, well-formed, and made of known parts; answers its label and its text.
fn look(svg: &str) -> (String, String) {
    assert!(svg.len() < 1024, "{} bytes: {svg}", svg.len());
    let document = roxmltree::Document::parse(svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "svg");
    assert_eq!(root.attribute("viewBox"), Some("0 0 512 512"));
    assert_eq!(root.attribute("role"), Some("img"));
    let mut text = String::new();
    for node in document.root().descendants().skip(1) {
        if let Some(words) = node.text().filter(|_| node.is_text()) {
            text.push_str(words);
            continue;
        }
        assert!(node.is_element(), "{svg}");
        assert_eq!(
            node.tag_name().namespace(),
            Some("http://www.w3.org/2000/svg")
        );
        let (_, attributes) = ALLOWED
            .iter()
            .find(|(name, _)| *name == node.tag_name().name())
            .unwrap();
        for attribute in node.attributes() {
            assert!(attribute.namespace().is_none(), "{svg}");
            assert!(attributes.contains(&attribute.name()), "{svg}");
        }
    }
    (root.attribute("aria-label").unwrap().to_owned(), text)
}

fn initials(name: &str) -> Initials {
    Initials::of(&DisplayName::parse(name).unwrap())
}

#[test]
fn a_person_is_drawn_as_their_initials_on_their_colour() {
    let svg = initials_svg(&initials("Ludwig van Beethoven"), b"ludwig");
    assert_eq!(look(&svg), ("LB".to_owned(), "LB".to_owned()));
    assert_eq!(
        svg,
        initials_svg(&initials("Ludwig van Beethoven"), b"ludwig")
    );
    assert_ne!(
        svg,
        initials_svg(&initials("Ludwig van Beethoven"), b"karl")
    );
}

#[test]
fn what_means_something_to_xml_is_only_text() {
    for name in ["<", "&", "\"", "'", ">", "]]>", "<!--", "&amp;"] {
        let initials = initials(name);
        let (label, text) = look(&initials_svg(&initials, b""));
        assert_eq!(label, initials.as_str());
        assert_eq!(text, initials.as_str());
    }
}

#[test]
fn wide_letters_are_drawn_smaller() {
    let size = |name: &str| {
        let svg = initials_svg(&initials(name), b"");
        let document = roxmltree::Document::parse(&svg).unwrap();
        let text = document
            .descendants()
            .find(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "text")));
        text.unwrap()
            .attribute("font-size")
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    assert!(size("Ana") > size("Ana Ng"));
    assert!(size("Ana Ng") > size("Mo Wu"));
    assert_eq!(size("Ana"), size("王伟"));
    assert!(size("👨‍👩‍👧‍👦") > 128);
    assert!(size("👨‍👩‍👧‍👦") < size("王伟"));
}

#[test]
fn the_silhouette_is_a_picture_without_words() {
    assert_eq!(look(silhouette_svg()), ("avatar".to_owned(), String::new()));
}

#[test]
fn identicons_tell_people_apart() {
    let all: std::collections::BTreeSet<_> =
        (0..200_u8).map(|seed| identicon_svg(&[seed])).collect();
    assert!(all.len() >= 199, "{}", all.len());
}

#[test]
fn an_identicon_does_not_change_from_release_to_release() {
    let path = "M56 56h160v80h-160zM296 56h160v80h-160zM56 136h160v80h-160zM296 136h160v80h-160z\
                M56 296h400v80h-400zM136 376h80v80h-80zM296 376h80v80h-80z";
    let svg = identicon_svg(b"ludwig");
    assert!(
        svg.contains(&format!(r##"<path d="{path}" fill="#2e7d32"/>"##)),
        "{svg}"
    );
}

proptest! {
    #[test]
    fn every_name_can_be_drawn(name in crate::avatar::initials::tests::names(), seed in any::<[u8; 16]>()) {
        let initials = Initials::of(&name);
        let (label, text) = look(&initials_svg(&initials, &seed));
        prop_assert_eq!(label, initials.as_str());
        prop_assert_eq!(text, initials.as_str());
    }

    #[test]
    fn every_identicon_has_something_to_see(seed in any::<Vec<u8>>()) {
        let svg = identicon_svg(&seed);
        look(&svg);
        prop_assert!(svg.contains("d=\"M"));
    }
}
