//! In which order a search looks where.

use user_service_domain::profile::{Rank, Searched};
use user_service_domain::text::SearchText;
use user_service_domain::text::words::{may_be_misspelt, words};

use super::terms;
use crate::entity::search::TermKind;

/// Where a stage looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Profiles by their names, in the order of names.
    Names,
    /// Words by their terms.
    Terms(TermKind),
}

/// A part of a search: one pass over one source, which yields matches of one rank.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    /// Part of cursors: never given another meaning.
    pub(crate) number: u8,
    pub(crate) source: Source,
    /// Also what is better, where the source puts it first.
    rank: Rank,
}

const STAGES: [Stage; 7] = [
    stage(0, Source::Names, Rank::Prefix),
    stage(1, Source::Terms(TermKind::Start), Rank::WordPrefix),
    stage(2, Source::Terms(TermKind::Start), Rank::Substring),
    stage(3, Source::Terms(TermKind::Inner), Rank::Substring),
    stage(4, Source::Terms(TermKind::Typo), Rank::Typo),
    stage(5, Source::Terms(TermKind::Start), Rank::Typo),
    stage(6, Source::Terms(TermKind::Inner), Rank::Typo),
];

const fn stage(number: u8, source: Source, rank: Rank) -> Stage {
    Stage {
        number,
        source,
        rank,
    }
}

/// What is looked for, and by which of its words.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'q> {
    pub(crate) text: &'q SearchText,
    /// The longest word: every match holds it, or it but for a slip.
    pub(crate) driver: &'q str,
    several: bool,
    others_misspelt: bool,
}

impl<'q> Plan<'q> {
    pub(crate) fn of(text: &'q SearchText) -> Self {
        let driver = words(text.as_str())
            .max_by_key(|word| word.chars().count())
            .unwrap_or_default();
        let others: Vec<&str> = words(text.as_str())
            .filter(|word| *word != driver)
            .collect();
        Self {
            text,
            driver,
            several: !others.is_empty(),
            others_misspelt: others.into_iter().any(may_be_misspelt),
        }
    }

    /// The stages that can yield anything, from this one on.
    pub(crate) fn stages(&self, from: u8) -> impl Iterator<Item = Stage> + use<> {
        let (several, others_misspelt) = (self.several, self.others_misspelt);
        let driver_misspelt = may_be_misspelt(self.driver);
        STAGES
            .into_iter()
            .filter(move |stage| match (stage.source, stage.rank) {
                // A single word at the start of something is a better match.
                (Source::Terms(TermKind::Start), Rank::Substring) => several,
                (Source::Terms(TermKind::Typo), _) => driver_misspelt,
                (_, Rank::Typo) => others_misspelt,
                _ => true,
            })
            .filter(move |stage| stage.number >= from)
    }

    /// Whether this is a match of this stage. Each has one: by its rank, and by how its driver is reached
    /// first.
    pub(crate) fn yields(&self, stage: Stage, text: &Searched) -> bool {
        let Some(rank) = self.text.rank(text) else {
            return false;
        };
        let reached_before = match stage.source {
            Source::Names => return rank <= stage.rank,
            Source::Terms(TermKind::Start) => false,
            Source::Terms(TermKind::Inner) => self.reaches(TermKind::Start, text),
            Source::Terms(TermKind::Typo) => {
                self.reaches(TermKind::Start, text) || self.reaches(TermKind::Inner, text)
            }
        };
        rank == stage.rank && !reached_before
    }

    fn reaches(&self, kind: TermKind, text: &Searched) -> bool {
        terms::first(kind, self.driver, text).is_some()
    }
}
