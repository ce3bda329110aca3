//! What a search and its index run.

use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, LockBehavior, LockType, Order, Query, SelectStatement,
};
use user_service_domain::ids::ProfileId;

use super::{padded, profiles};
use crate::entity::profile::UserProfiles as P;
pub use crate::entity::search::TermKind;
use crate::entity::search::{
    CANDIDATE, UNSHOWN, UserSearchPostings as Posting, UserSearchTerms as Term,
    UserSearchWords as Word,
};

/// Texts that begin with a prefix.
#[derive(Clone, Debug)]
pub struct Beginning {
    from: String,
    to: Option<String>,
}

impl Beginning {
    /// With this.
    pub fn with(prefix: &str) -> Self {
        Self {
            from: prefix.to_owned(),
            to: successor(prefix),
        }
    }

    /// From this text on.
    fn bound(&self, column: impl Fn() -> Expr) -> Condition {
        Condition::all()
            .add(column().gte(self.from.as_str()))
            .add_option(self.to.as_deref().map(|to| column().lt(to)))
    }
}

/// The least text that is greater than all that begin with this; `None` where there is none.
fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            last => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// `key >= x AND NOT (key = x AND id <= y)`, as in lists.
fn past(key: impl Fn() -> Expr, x: &str, up_to: Expr) -> Condition {
    Condition::all()
        .add(key().gte(x))
        .add(Condition::all().add(key().eq(x)).add(up_to).not())
}

/// How much of a profile a search reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// What decides whether it is a match: it will only be counted or passed over.
    Unshown,
}

/// Profiles whose sort key begins so, in its order, after a sort key and id.
pub fn candidates_by_name(
    extent: Extent,
    name: &Beginning,
    after: Option<(&str, ProfileId)>,
    limit: u32,
) -> SelectStatement {
    let key = || Expr::col((P::Table, P::NameKey));
    all_candidates(extent)
        .cond_where(name.bound(key))
        .cond_where(Condition::all().add_option(
            after.map(|(text, id)| past(key, text, Expr::col((P::Table, P::Id)).lte(id.get()))),
        ))
        .order_by((P::Table, P::NameKey), Order::Asc)
        .order_by((P::Table, P::Id), Order::Asc)
        .limit(limit.into())
        .take()
}

/// Profiles of these ids.
pub fn candidates(extent: Extent, ids: &[ProfileId]) -> SelectStatement {
    let ids: Vec<uuid::Uuid> = ids.iter().map(|id| id.get()).collect();
    all_candidates(extent)
        .and_where(Expr::col((P::Table, P::Id)).is_in(padded(ids)))
        .take()
}

fn all_candidates(extent: Extent) -> SelectStatement {
    let mut select = match extent {
        Extent::Whole => profiles(),
        Extent::Unshown => Query::select()
            .columns(UNSHOWN.map(|column| (P::Table, column)))
            .from(P::Table)
            .take(),
    };
    select
        .columns(CANDIDATE.map(|column| (P::Table, column)))
        .take()
}

/// Words with terms that begin so, by term and word, after such a pair.
pub fn words_from_term(
    kind: TermKind,
    beginning: &Beginning,
    after: Option<(&str, i64)>,
    limit: u32,
) -> SelectStatement {
    let key = || Expr::col(Term::Term);
    Query::select()
        .columns([Term::Term, Term::WordId])
        .from(Term::Table)
        .and_where(Expr::col(Term::Kind).eq(kind))
        .cond_where(beginning.bound(key))
        .cond_where(Condition::all().add_option(
            after.map(|(text, word)| past(key, text, Expr::col(Term::WordId).lte(word))),
        ))
        .order_by(Term::Kind, Order::Asc)
        .order_by(Term::Term, Order::Asc)
        .order_by(Term::WordId, Order::Asc)
        .limit(limit.into())
        .take()
}

/// Words with this very term, after a word.
pub fn words_of_term(
    kind: TermKind,
    term: &str,
    after: Option<i64>,
    limit: u32,
) -> SelectStatement {
    Query::select()
        .columns([Term::Term, Term::WordId])
        .from(Term::Table)
        .and_where(Expr::col(Term::Kind).eq(kind))
        .and_where(Expr::col(Term::Term).eq(term))
        .cond_where(Condition::all().add_option(after.map(|word| Expr::col(Term::WordId).gt(word))))
        .order_by(Term::WordId, Order::Asc)
        .limit(limit.into())
        .take()
}

/// Words with one of these terms, in no order.
pub fn words_of_terms(kind: TermKind, terms: &[String], limit: u32) -> SelectStatement {
    let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
    Query::select()
        .columns([Term::Term, Term::WordId])
        .from(Term::Table)
        .and_where(Expr::col(Term::Kind).eq(kind))
        .and_where(Expr::col(Term::Term).is_in(padded(terms)))
        .limit(limit.into())
        .take()
}

/// Who has one of these words. The order has PostgreSQL walk the index where a word of many would tempt it to
/// look through the table for the first few.
pub fn postings_of_words(words: &[i64], limit: u32) -> SelectStatement {
    Query::select()
        .columns([Posting::WordId, Posting::ProfileId])
        .from(Posting::Table)
        .and_where(Expr::col(Posting::WordId).is_in(padded(words.to_vec())))
        .order_by(Posting::WordId, Order::Asc)
        .order_by(Posting::ProfileId, Order::Asc)
        .limit(limit.into())
        .take()
}

/// Who has this word, by id, after an id.
pub fn postings_of_word(word: i64, after: Option<ProfileId>, limit: u32) -> SelectStatement {
    Query::select()
        .columns([Posting::WordId, Posting::ProfileId])
        .from(Posting::Table)
        .and_where(Expr::col(Posting::WordId).eq(word))
        .cond_where(
            Condition::all().add_option(after.map(|id| Expr::col(Posting::ProfileId).gt(id.get()))),
        )
        .order_by(Posting::ProfileId, Order::Asc)
        .limit(limit.into())
        .take()
}

/// Those of these words that the index knows.
pub fn known_words(words: &[i64]) -> SelectStatement {
    Query::select()
        .column(Word::WordId)
        .from(Word::Table)
        .and_where(Expr::col(Word::WordId).is_in(padded(words.to_vec())))
        .take()
}

/// What is searched of this profile.
pub fn searched(id: ProfileId) -> SelectStatement {
    Query::select()
        .columns([P::Id, P::SearchText])
        .from(P::Table)
        .and_where(Expr::col(P::Id).eq(id.get()))
        .take()
}

/// Profiles that are in no index, but for those that somebody works on.
pub fn unindexed_profiles(limit: u32) -> SelectStatement {
    Query::select()
        .columns([P::Id, P::SearchText])
        .from(P::Table)
        .and_where(Expr::col(P::SearchVersion).is_null())
        .order_by(P::Id, Order::Asc)
        .limit(limit.into())
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .take()
}

/// Profiles after this id, kept from change.
pub fn profiles_to_index(after: Option<ProfileId>, limit: u32) -> SelectStatement {
    Query::select()
        .columns([P::Id, P::SearchText])
        .from(P::Table)
        .cond_where(Condition::all().add_option(after.map(|id| Expr::col(P::Id).gt(id.get()))))
        .order_by(P::Id, Order::Asc)
        .limit(limit.into())
        .lock(LockType::Update)
        .take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_a_text_lies_before_its_successor() {
        for (text, expected) in [
            ("ab", Some("ac")),
            ("%", Some("&")),
            ("a\u{10ffff}", Some("b")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("\u{10ffff}", None),
        ] {
            assert_eq!(successor(text).as_deref(), expected, "{text:?}");
        }
    }
}
