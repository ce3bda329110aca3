//! `user_search_words`, `user_search_terms` and `user_search_postings`

use sea_orm::sea_query::Value;
use sea_orm::{DbErr, DeriveIden};
use sha2::{Digest, Sha256};
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{Profile, Searched};

use super::profile::UserProfiles as P;
use super::{Columns, profile};

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserSearchWords {
    Table,
    WordId,
    Word,
}

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserSearchTerms {
    Table,
    Kind,
    Term,
    WordId,
}

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserSearchPostings {
    Table,
    WordId,
    ProfileId,
}

/// The form of the index that is written now. Whoever changes the form has a migration set the column to NULL.
pub(crate) const VERSION: i16 = 1;

/// What in a word can be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermKind {
    /// The rest of the word from where something begins.
    Start = 1,
    /// The rest of the word from elsewhere.
    Inner = 2,
    /// The word or a part of it, whole or with one letter left out.
    Typo = 3,
}

impl From<TermKind> for Value {
    fn from(kind: TermKind) -> Self {
        (kind as i16).into()
    }
}

/// The key of a word. Two words of one key would only be looked at together.
pub(crate) fn word_id(word: &str) -> i64 {
    let digest: [u8; 32] = Sha256::digest(word).into();
    let head = digest.first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(head)
}

/// A profile that may match, with what is searched.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) profile: Profile,
    pub(crate) name_key: String,
    pub(crate) searched: Searched,
}

/// What a [`Candidate`] has besides its profile.
pub(crate) const CANDIDATE: [P; 2] = [P::NameKey, P::SearchText];

/// Reads a profile and [`CANDIDATE`].
pub(crate) fn candidate(row: &mut Columns<'_>) -> Result<Candidate, DbErr> {
    Ok(Candidate {
        profile: profile::read(row)?,
        name_key: row.take()?,
        searched: Searched::stored(row.take()?),
    })
}

/// Reads the key of a word.
pub(crate) fn key(row: &mut Columns<'_>) -> Result<i64, DbErr> {
    row.take()
}

/// Reads a term and the key of its word.
pub(crate) fn term(row: &mut Columns<'_>) -> Result<(String, i64), DbErr> {
    Ok((row.take()?, row.take()?))
}

/// Reads the key of a word and who has it.
pub(crate) fn posting(row: &mut Columns<'_>) -> Result<(i64, ProfileId), DbErr> {
    Ok((row.take()?, ProfileId::new(row.take()?)))
}

/// Reads whom to index, and of what.
pub(crate) fn unindexed(row: &mut Columns<'_>) -> Result<(ProfileId, Searched), DbErr> {
    Ok((ProfileId::new(row.take()?), Searched::stored(row.take()?)))
}
