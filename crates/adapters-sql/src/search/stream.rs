//! Who has words of the index, in the order of the index.

use std::collections::{HashMap, VecDeque};

use user_service_domain::ids::ProfileId;
use user_service_domain::profile::SearchPlace;
use user_service_domain::store::StoreError;
use user_service_domain::text::words::deletions;

use super::terms::cut;
use crate::entity::search::{TermKind, posting, term};
use crate::statements::{self, Beginning};
use crate::store::SqlStore;

/// How many words are read in one go, at first and at most: most searches need few.
const FEW_WORDS: u32 = 8;
const WORDS: u32 = 64;

/// Whom a term and word lead to.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    pub(super) term: String,
    pub(super) word: i64,
    pub(super) id: ProfileId,
}

/// A pass over the words of one kind of terms.
pub(super) struct Stream<'s> {
    store: &'s SqlStore,
    words: Words,
    /// The words that come next.
    queue: VecDeque<(String, i64)>,
    /// A word that more have than come in one go, and the last of them.
    current: Option<(String, i64, Option<ProfileId>)>,
    /// For how many words leads are read at once.
    chunk: usize,
    /// The last term and word that are done with.
    done: Option<(String, i64)>,
}

impl<'s> Stream<'s> {
    /// Of a word that is looked for, after a place.
    pub(super) fn new(
        store: &'s SqlStore,
        kind: TermKind,
        wanted: &str,
        after: Option<&SearchPlace>,
    ) -> Self {
        let done = after.map(|place| (place.term.clone(), place.word));
        let current = after.and_then(|place| {
            place
                .id
                .map(|id| (place.term.clone(), place.word, Some(id)))
        });
        Self {
            store,
            words: Words::new(kind, wanted, done.clone()),
            queue: VecDeque::new(),
            current,
            chunk: 1,
            done,
        }
    }

    /// The last term and word of which nobody comes any more.
    pub(super) fn done(&self) -> Option<&(String, i64)> {
        self.done.as_ref().filter(|_| self.current.is_none())
    }

    /// Some more, at most so many, by one to three statements. Nobody may be among them, `None` is the end.
    pub(super) async fn next(&mut self, most: u32) -> Result<Option<Vec<Lead>>, StoreError> {
        if let Some((term, word, after)) = self.current.take() {
            return self.of_one(term, word, after, most).await.map(Some);
        }
        if self.queue.is_empty() {
            self.queue = self.words.next(self.store).await?.into();
            if self.queue.is_empty() {
                return Ok(None);
            }
        }
        // Of one word there are often enough.
        if self.chunk == 1
            && let Some((term, word)) = self.queue.pop_front()
        {
            self.done = Some((term.clone(), word));
            let leads = self.of_one(term, word, None, most).await?;
            // After a word of many, the next may be so too.
            self.chunk = if self.current.is_some() { 1 } else { 4 };
            return Ok(Some(leads));
        }
        let words: Vec<(String, i64)> = self.queue.iter().take(self.chunk).cloned().collect();
        let keys: Vec<i64> = words.iter().map(|(_, word)| *word).collect();
        let select = statements::postings_of_words(&keys, most.saturating_add(1));
        let rows = self.store.many(&select, posting).await?;
        if rows.len() > usize::try_from(most).unwrap_or(usize::MAX) {
            self.chunk = (words.len() / 4).max(1);
            return Ok(Some(Vec::new()));
        }
        self.queue.drain(..words.len());
        self.chunk = (self.chunk * 4).min(64);
        self.done = words.last().cloned();
        // A word may come under several terms, each a place of its own.
        let mut order = HashMap::new();
        for (n, (_, word)) in words.iter().enumerate() {
            order.entry(*word).or_insert_with(Vec::new).push(n);
        }
        let mut leads: Vec<(usize, ProfileId)> = rows
            .into_iter()
            .flat_map(|(word, id)| {
                let at = order.get(&word).cloned().unwrap_or_default();
                at.into_iter().map(move |n| (n, id))
            })
            .collect();
        leads.sort_unstable();
        Ok(Some(
            leads
                .into_iter()
                .filter_map(|(n, id)| {
                    let (term, word) = words.get(n)?.clone();
                    Some(Lead { term, word, id })
                })
                .collect(),
        ))
    }

    async fn of_one(
        &mut self,
        term: String,
        word: i64,
        after: Option<ProfileId>,
        most: u32,
    ) -> Result<Vec<Lead>, StoreError> {
        let select = statements::postings_of_word(word, after, most);
        let rows = self.store.many(&select, posting).await?;
        if rows.len() == usize::try_from(most).unwrap_or(usize::MAX) {
            self.current = rows.last().map(|(_, id)| (term.clone(), word, Some(*id)));
        }
        Ok(rows
            .into_iter()
            .map(|(word, id)| Lead {
                term: term.clone(),
                word,
                id,
            })
            .collect())
    }
}

/// The words themselves, by term and word.
enum Words {
    /// With terms that begin so.
    Beginning {
        kind: TermKind,
        with: Beginning,
        after: Option<(String, i64)>,
        /// How many are read at once.
        chunk: u32,
        ended: bool,
    },
    /// With these terms, which are few and rare.
    Among {
        terms: VecDeque<String>,
        after: Option<(String, i64)>,
        /// For how many terms words are read at once.
        chunk: usize,
    },
}

impl Words {
    fn new(kind: TermKind, wanted: &str, after: Option<(String, i64)>) -> Self {
        match kind {
            TermKind::Start | TermKind::Inner => Self::Beginning {
                kind,
                with: Beginning::with(cut(wanted)),
                after,
                chunk: FEW_WORDS,
                ended: false,
            },
            TermKind::Typo => Self::Among {
                terms: deletions(wanted)
                    .into_iter()
                    .filter(|term| after.as_ref().is_none_or(|(done, _)| term >= done))
                    .collect(),
                after,
                chunk: 32,
            },
        }
    }

    /// Some more; none at the end.
    async fn next(&mut self, store: &SqlStore) -> Result<Vec<(String, i64)>, StoreError> {
        match self {
            Self::Beginning {
                kind,
                with,
                after,
                chunk,
                ended,
            } => {
                if *ended {
                    return Ok(Vec::new());
                }
                let place = after.as_ref().map(|(text, word)| (text.as_str(), *word));
                let select = statements::words_from_term(*kind, with, place, *chunk);
                let words = store.many(&select, term).await?;
                *ended = words.len() < usize::try_from(*chunk).unwrap_or(usize::MAX);
                *chunk = WORDS;
                *after = words.last().cloned().or_else(|| after.take());
                Ok(words)
            }
            Self::Among {
                terms,
                after,
                chunk,
            } => loop {
                let some: Vec<String> = terms.iter().take(*chunk).cloned().collect();
                let [first, ..] = some.as_slice() else {
                    return Ok(Vec::new());
                };
                if some.len() == 1 {
                    let from = after
                        .as_ref()
                        .filter(|(text, _)| text == first)
                        .map(|(_, word)| *word);
                    let select = statements::words_of_term(TermKind::Typo, first, from, WORDS);
                    let words = store.many(&select, term).await?;
                    if words.len() < usize::try_from(WORDS).unwrap_or(usize::MAX) {
                        terms.pop_front();
                    }
                    *after = words.last().cloned().or_else(|| after.take());
                    if !words.is_empty() {
                        return Ok(words);
                    }
                    continue;
                }
                let select = statements::words_of_terms(TermKind::Typo, &some, WORDS + 1);
                let mut words = store.many(&select, term).await?;
                if words.len() > usize::try_from(WORDS).unwrap_or(usize::MAX) {
                    *chunk = some.len() / 4 + 1;
                    if *chunk >= some.len() {
                        *chunk = 1;
                    }
                    continue;
                }
                terms.drain(..some.len());
                words.sort_unstable();
                if let Some(after) = after.as_ref() {
                    words.retain(|word| word > after);
                }
                if !words.is_empty() {
                    return Ok(words);
                }
            },
        }
    }
}
