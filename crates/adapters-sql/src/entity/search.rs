//! `user_search_words`, `user_search_terms` and `user_search_postings`

use chrono::{DateTime, Utc};
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
    pub(crate) id: ProfileId,
    pub(crate) is_verified: bool,
    pub(crate) is_active: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) name_key: String,
    pub(crate) searched: Searched,
    /// All of it; `None` where it will only be counted or passed over.
    pub(crate) profile: Option<Profile>,
}

/// What a [`Candidate`] has besides its profile.
pub(crate) const CANDIDATE: [P; 2] = [P::NameKey, P::SearchText];

/// What is read of one that will not be shown, before [`CANDIDATE`].
pub(crate) const UNSHOWN: [P; 4] = [P::Id, P::IsVerified, P::IsActive, P::CreatedAt];

/// Reads a profile and [`CANDIDATE`].
pub(crate) fn candidate(row: &mut Columns<'_>) -> Result<Candidate, DbErr> {
    let profile = profile::read(row)?;
    Ok(Candidate {
        id: profile.id,
        is_verified: profile.is_verified,
        is_active: profile.is_active,
        created_at: profile.created_at,
        name_key: row.take()?,
        searched: Searched::stored(row.take()?),
        profile: Some(profile),
    })
}

/// Reads [`UNSHOWN`] and [`CANDIDATE`].
pub(crate) fn unshown(row: &mut Columns<'_>) -> Result<Candidate, DbErr> {
    Ok(Candidate {
        id: ProfileId::new(row.take()?),
        is_verified: row.take()?,
        is_active: row.take()?,
        created_at: row.take()?,
        name_key: row.take()?,
        searched: Searched::stored(row.take()?),
        profile: None,
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
