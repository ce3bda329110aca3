//! Reads of the search, and of what builds its index.

use super::{HotStatement, PROFILES, Samples, hot};
use crate::statements::{self, Beginning, Extent, TermKind};

const TERMS: &str = "user_search_terms";
const POSTINGS: &str = "user_search_postings";
const BY_NAME: &[&str] = &["user_profiles_name_key_idx"];

/// The reads of a search.
pub(super) fn hot_statements(samples: &Samples) -> Vec<HotStatement> {
    let middle = samples.middle();
    let ids: Vec<_> = samples.profiles.iter().map(|it| it.id).collect();
    let (words, terms) = (&samples.words, &samples.terms);
    let name = Beginning::with(&samples.name_prefix);
    let begins = Beginning::with(&samples.term_prefix);
    let (term, word) = (samples.term.0.as_str(), samples.term.1);
    let (start, inner, typo) = (TermKind::Start, TermKind::Inner, TermKind::Typo);
    let past = Some((middle.name_key.as_str(), middle.id));
    let by_name = |extent, after| statements::candidates_by_name(extent, &name, after, 50);
    let (whole, unshown) = (Extent::Whole, Extent::Unshown);
    let mut all = vec![
        hot("found names", PROFILES, BY_NAME, by_name(whole, None)),
        hot(
            "found names past a place",
            PROFILES,
            BY_NAME,
            by_name(whole, past),
        ),
        hot(
            "counted names past a place",
            PROFILES,
            BY_NAME,
            by_name(unshown, past),
        ),
        hot(
            "words",
            TERMS,
            &[],
            statements::words_from_term(start, &begins, None, 64),
        ),
        hot(
            "words past a place",
            TERMS,
            &[],
            statements::words_from_term(inner, &begins, Some((term, word)), 64),
        ),
        hot(
            "words of a term",
            TERMS,
            &[],
            statements::words_of_term(typo, term, None, 64),
        ),
        hot(
            "words of a term past a place",
            TERMS,
            &[],
            statements::words_of_term(typo, term, Some(word), 64),
        ),
        hot(
            "postings of a word",
            POSTINGS,
            &[],
            statements::postings_of_word(samples.common_word, None, 200),
        ),
        hot(
            "postings of a word past a place",
            POSTINGS,
            &[],
            statements::postings_of_word(samples.common_word, Some(middle.id), 200),
        ),
        hot(
            "searched text",
            PROFILES,
            &[],
            statements::searched(middle.id),
        ),
    ];
    if !ids.is_empty() {
        all.push(hot(
            "candidates",
            PROFILES,
            &[],
            statements::candidates(whole, &ids),
        ));
        all.push(hot(
            "counted candidates",
            PROFILES,
            &[],
            statements::candidates(unshown, &ids),
        ));
    }
    if !words.is_empty() {
        all.push(hot(
            "postings of words",
            POSTINGS,
            &[],
            statements::postings_of_words(words, 200),
        ));
        all.push(hot(
            "known words",
            "user_search_words",
            &[],
            statements::known_words(words),
        ));
    }
    if !terms.is_empty() {
        all.push(hot(
            "words of terms",
            TERMS,
            &[],
            statements::words_of_terms(typo, terms, 65),
        ));
    }
    all
}

/// The reads that build the index.
pub(super) fn indexing(samples: &Samples) -> Vec<HotStatement> {
    let middle = Some(samples.middle().id);
    let pending: &[&str] = &["user_profiles_search_version_idx"];
    vec![
        hot(
            "unindexed profiles",
            PROFILES,
            pending,
            statements::unindexed_profiles(500),
        ),
        hot(
            "profiles to index",
            PROFILES,
            &[],
            statements::profiles_to_index(None, 500),
        ),
        hot(
            "profiles to index past a place",
            PROFILES,
            &[],
            statements::profiles_to_index(middle, 500),
        ),
    ]
}
