//! Tables and columns, and rows as values of the domain.

pub(crate) mod activity;
pub(crate) mod avatar;
pub(crate) mod idempotency_key;
pub(crate) mod preferences;
pub(crate) mod profile;
pub(crate) mod revocation;
pub(crate) mod search;
pub(crate) mod session;

use sea_orm::{DbErr, QueryResult, TryGetable};
use user_service_domain::session::TokenDigest;

/// Reads the columns of a row in the order in which they were selected.
pub(crate) struct Columns<'r> {
    row: &'r QueryResult,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &'r QueryResult) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn take<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value = self.row.try_get_by_index(self.next)?;
        self.next += 1;
        Ok(value)
    }
}

/// Reads the digest of a session token.
fn digest(row: &mut Columns<'_>, column: &str) -> Result<TokenDigest, DbErr> {
    bytes(row, column).map(TokenDigest)
}

/// Reads 32 bytes.
fn bytes(row: &mut Columns<'_>, column: &str) -> Result<[u8; 32], DbErr> {
    row.take::<Vec<u8>>()?
        .try_into()
        .map_err(|_| unreadable(column))
}

/// A row that breaks a rule of the domain.
pub(crate) fn unreadable(column: &str) -> DbErr {
    DbErr::Type(format!("the stored {column} cannot be read"))
}
