//! What in words can be looked for, and by what a profile is reached.

use std::collections::BTreeSet;

use user_service_domain::profile::Searched;
use user_service_domain::text::words::{
    deletions, may_be_misspelt, spellings, starts, within_one_edit,
};

use crate::entity::search::{TermKind, word_id};

/// The longest term, in characters.
const TERM_MAX: usize = 32;

/// A text as far as terms hold it.
pub(crate) fn cut(text: &str) -> &str {
    text.char_indices()
        .nth(TERM_MAX)
        .and_then(|(at, _)| text.get(..at))
        .unwrap_or(text)
}

/// The terms of a word.
pub(crate) fn of(word: &str) -> BTreeSet<(TermKind, String)> {
    let mut terms: BTreeSet<_> = rests(word)
        .map(|(kind, rest)| (kind, cut(rest).to_owned()))
        .collect();
    for part in spellings(word) {
        let deletions = deletions(part).into_iter();
        terms.extend(deletions.map(|term| (TermKind::Typo, term)));
    }
    terms
}

/// The word from each of its characters on.
fn rests(word: &str) -> impl Iterator<Item = (TermKind, &str)> {
    let starts: BTreeSet<usize> = starts(word).collect();
    word.char_indices().filter_map(move |(at, _)| {
        let kind = if starts.contains(&at) {
            TermKind::Start
        } else {
            TermKind::Inner
        };
        Some((kind, word.get(at..)?))
    })
}

/// The first term and word of this kind, in the order of the index, by which a search for this word comes to
/// the text: the one place where it counts.
pub(crate) fn first(kind: TermKind, wanted: &str, text: &Searched) -> Option<(String, i64)> {
    match kind {
        TermKind::Start | TermKind::Inner => text
            .words()
            .flat_map(|word| {
                rests(word)
                    .filter(|(of, rest)| *of == kind && rest.starts_with(wanted))
                    .map(move |(_, rest)| (cut(rest), word))
            })
            .map(|(term, word)| (term.to_owned(), word_id(word)))
            .min(),
        TermKind::Typo => {
            if !may_be_misspelt(wanted) {
                return None;
            }
            let shared = deletions(wanted);
            text.words()
                .flat_map(|word| spellings(word).map(move |part| (part, word)))
                .filter(|(part, _)| within_one_edit(wanted, part))
                .filter_map(|(part, word)| {
                    let term = deletions(part).intersection(&shared).next()?.clone();
                    Some((term, word_id(word)))
                })
                .min()
        }
    }
}
