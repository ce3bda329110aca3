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

use crate::dialect::Dialect;

/// Reads the columns of a row in the order in which they were selected.
pub(crate) struct Columns<'r> {
    row: &'r QueryResult,
    dialect: Dialect,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &'r QueryResult, dialect: Dialect) -> Self {
        Self {
            row,
            dialect,
            next: 0,
        }
    }

    pub(crate) fn take<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value = self.row.try_get_by_index(self.next)?;
        self.next += 1;
        Ok(value)
    }

    /// Reads a column that may be NULL. An `Option` that is taken makes the text of an error for each NULL, only to
    /// throw it away.
    pub(crate) fn maybe<T: TryGetable>(&mut self) -> Result<Option<T>, DbErr> {
        if (self.dialect.is_null)(self.row, self.next) {
            self.next += 1;
            return Ok(None);
        }
        self.take().map(Some)
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
