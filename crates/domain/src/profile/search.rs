//! What a search finds, and what comes first.

use super::{Profile, ProfileFilter};
use crate::ids::ProfileId;
use crate::text::SearchText;
use crate::text::words::{may_be_misspelt, spellings, starts, within_one_edit, words};

/// How well a profile matches, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The name is the query.
    Whole,
    /// The name begins with the query.
    Prefix,
    /// Words of name and location begin with the words of the query.
    WordPrefix,
    /// Words of name and location hold the words of the query.
    Substring,
    /// Some words of the query are found but for one slip.
    Typo,
}

/// What a search looks in: the folded name and location, as [`Profile::search_text`] has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    text: String,
}

impl Searched {
    /// Of a profile.
    pub fn of(profile: &Profile) -> Self {
        Self::stored(profile.search_text())
    }

    /// Of what [`Profile::search_text`] gave.
    pub fn stored(text: String) -> Self {
        Self { text }
    }

    /// Name and location, a line each.
    pub fn into_text(self) -> String {
        self.text
    }

    /// The folded name.
    pub fn name(&self) -> &str {
        self.text.split('\n').next().unwrap_or_default()
    }

    /// The words of name and location.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        words(&self.text)
    }
}

impl SearchText {
    /// How well this matches; `None` where it does not. Every word of the query must be found, in any order:
    /// within a word of name or location, or, from 5 characters on, but for one slip. This is what all engines
    /// answer.
    pub fn rank(&self, text: &Searched) -> Option<Rank> {
        if let Some(rest) = text.name().strip_prefix(self.as_str()) {
            return Some(if rest.is_empty() {
                Rank::Whole
            } else {
                Rank::Prefix
            });
        }
        let mut rank = Rank::WordPrefix;
        for word in words(self.as_str()) {
            rank = rank.max(rank_of(word, text)?);
        }
        Some(rank)
    }
}

fn rank_of(wanted: &str, text: &Searched) -> Option<Rank> {
    let mut held = false;
    for word in text.words().filter(|word| word.contains(wanted)) {
        held = true;
        if starts(word).any(|at| word.get(at..).is_some_and(|rest| rest.starts_with(wanted))) {
            return Some(Rank::WordPrefix);
        }
    }
    if held {
        return Some(Rank::Substring);
    }
    let misspelt = may_be_misspelt(wanted)
        && text
            .words()
            .any(|word| spellings(word).any(|part| within_one_edit(wanted, part)));
    misspelt.then_some(Rank::Typo)
}

/// A place in what a search finds. What the members mean is the store's own; each of its places comes from
/// an answer of the same store to the same query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPlace {
    /// Which part of the work.
    pub stage: u8,
    /// The text in the index.
    pub term: String,
    /// The word in the index.
    pub word: i64,
    /// The profile; `None` where all of the word is done.
    pub id: Option<ProfileId>,
}

/// Where a search starts or goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchStart {
    /// After this place; from the best match on where there is none.
    pub after: Option<SearchPlace>,
    /// How many more matches are to be passed over.
    pub skip: u32,
}

/// A search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileSearchQuery {
    /// For what.
    pub text: SearchText,
    /// Among which profiles.
    pub filter: ProfileFilter,
    /// From where.
    pub start: SearchStart,
    /// How many at most.
    pub limit: u32,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchPage {
    /// Profiles with their places, the best first.
    pub found: Vec<(Profile, SearchPlace)>,
    /// Where to go on when the search stopped before `limit` because it had done its share of work: the page
    /// may be short, and even empty. `None` when there is nothing more, or `limit` was reached.
    pub rest: Option<SearchStart>,
}

/// How many profiles a search finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// So many.
    Exactly(u64),
    /// So many until the count stopped.
    AtLeast(u64),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rank(query: &str, name: &str, place: &str) -> Option<Rank> {
        use crate::text::fold;
        let text = Searched::stored(format!("{}\n{}", fold(name), fold(place)));
        SearchText::parse(query).unwrap().rank(&text)
    }

    #[test]
    fn the_best_comes_first() {
        for (query, expected) in [
            ("Ana-María Silva", Some(Rank::Whole)),
            ("ana-m", Some(Rank::Prefix)),
            ("silva ana", Some(Rank::WordPrefix)),
            ("maria", Some(Rank::WordPrefix)),
            ("lis", Some(Rank::WordPrefix)),
            ("ilv", Some(Rank::Substring)),
            ("ilv ana", Some(Rank::Substring)),
            ("sliva", Some(Rank::Typo)),
            ("lisbao", Some(Rank::Typo)),
            ("ana sliva", Some(Rank::Typo)),
            ("mraia", Some(Rank::Typo)),
            ("siva", None),
            ("slviaa", None),
            ("ana xo", None),
        ] {
            assert_eq!(
                rank(query, "Ana-María Silva", "Lisboa, PT"),
                expected,
                "{query}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_name_is_found_by_each_of_its_parts(name in "[a-zA-ZäßÇй王% _-]{1,20}", from in 0_usize..20, len in 1_usize..20) {
            let part: String = name.chars().skip(from).take(len).collect();
            prop_assume!(SearchText::parse(&part).is_ok());
            prop_assert!(rank(&part, &name, "").is_some());
        }

        #[test]
        fn a_name_is_found_whole(name in "\\PC{1,40}") {
            prop_assume!(SearchText::parse(&name).is_ok());
            prop_assert_eq!(rank(&name, &name, "x"), Some(Rank::Whole));
        }
    }
}
