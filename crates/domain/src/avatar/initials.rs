//! The letters that stand for a person who has no avatar.

mod letter;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::profile::DisplayName;
use letter::{Kind, capital, join, kind, letter_at, stands_alone};

/// One or two letters to draw for a display name: of its first and its last word, in upper case. A letter is an
/// extended grapheme cluster (UAX #29), with those that belong to it in the script at hand. Never empty and never
/// longer than [`Initials::MAX_BYTES`]; a name without letters gives its first emoji or sign. In the order in
/// which they are read: bidirectional text is left to who draws it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Initials(String);

impl Initials {
    /// The longest, in bytes of UTF-8: two letters of 16 characters, what their upper case adds, and a joint.
    pub const MAX_BYTES: usize = 144;

    /// The initials of a name. Passes over what stands in brackets, unless that is all there is, and over quotes,
    /// signs and emoji before and after a letter; a hyphen does not end a word, and digits count as letters.
    pub fn of(name: &DisplayName) -> Self {
        // Words before clusters: a sign that is written ahead of its letter would take in the space after it.
        let clusters: Vec<(Kind, &str)> = name
            .as_str()
            .split_inclusive(char::is_whitespace)
            .flat_map(|word| {
                let letters = word.trim_end();
                [letters, &word[letters.len()..]]
            })
            .flat_map(|part| part.graphemes(true))
            .map(|cluster| (kind(cluster), cluster))
            .collect();
        Self(
            letters(&clusters, true)
                .or_else(|| letters(&clusters, false))
                .or_else(|| first(&clusters, &[Kind::Sign]))
                .or_else(|| first(&clusters, &[Kind::Punctuation, Kind::Open, Kind::Close]))
                // No parsed name comes here: it has something to see.
                .unwrap_or_else(|| "?".to_owned()),
        )
    }

    /// The text to draw.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The letters of the first and of the last word that has any.
fn letters(clusters: &[(Kind, &str)], without_brackets: bool) -> Option<String> {
    let mut found: [Option<usize>; 2] = [None, None];
    let mut depth = 0_usize;
    let mut in_word = false;
    for (at, (kind, _)) in clusters.iter().enumerate() {
        match kind {
            Kind::Space => in_word = false,
            Kind::Open if without_brackets => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Letter if depth == 0 && !in_word => {
                in_word = true;
                found[usize::from(found[0].is_some())] = Some(at);
            }
            _ => {}
        }
    }
    let [first, last] = found.map(|at| at.map(|at| letter_at(clusters, at)));
    let first = capital(&first?);
    Some(match last {
        Some(last) if !stands_alone(&first) && !stands_alone(&last) => {
            join(&first, &capital(&last))
        }
        _ => first,
    })
}

fn first(clusters: &[(Kind, &str)], kinds: &[Kind]) -> Option<String> {
    let at = clusters.iter().position(|(kind, _)| kinds.contains(kind))?;
    Some(letter_at(clusters, at))
}

#[cfg(test)]
pub(super) mod tests;
