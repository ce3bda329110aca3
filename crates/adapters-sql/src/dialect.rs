//! What differs between drivers.

use sea_orm::sea_query::Value;
use sea_orm::{DbBackend, QueryResult, Statement, StatementBuilder, Values};
use sqlx::error::DatabaseError;

/// What an error of the server means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The attempt may be repeated: deadlock, serialisation, busy.
    Transient,
    /// The server cannot serve now: too slow, too many connections, disk full.
    Unavailable,
    /// The server ended the connection, as when it stops; another one may be good. What ran on it and was not committed
    /// has left no trace.
    Ended,
    /// The server does not write: it may have become a standby, and another one may.
    ReadOnly,
    /// Anything else.
    Other,
}

/// How a driver words its errors and rows.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Sorts an error that is no broken constraint.
    pub classify: fn(&dyn DatabaseError) -> Trouble,
    /// Whether a row has NULL in the column at this index; a column that is not there is not NULL.
    pub is_null: fn(&QueryResult, usize) -> bool,
}

/// Renders a statement for an engine.
///
/// To MySQL a time with a zone is sent as a `TIMESTAMP`, which begins after 1970-01-01 and ends in 2038, and
/// becomes NULL beyond; so it goes as a `DATETIME`. Sessions are in UTC.
pub fn build<S: StatementBuilder>(backend: DbBackend, statement: &S) -> Statement {
    let mut statement = backend.build(statement);
    if backend == DbBackend::Postgres {
        inline_limit(&mut statement);
    }
    if let Some(values) = &mut statement.values {
        suit(backend, &mut values.0);
    }
    statement
}

/// Writes the limit into the text. PostgreSQL plans a statement for each of its executions unless a plan for all values
/// looks as cheap, and of a limit that it does not know it guesses a tenth of all rows: planning a page would take longer
/// than reading it.
fn inline_limit(statement: &mut Statement) {
    let Some(Values(values)) = &mut statement.values else {
        return;
    };
    let Some(Value::BigUnsigned(Some(limit))) = values.last() else {
        return;
    };
    let (limit, number) = (*limit, format!("${}", values.len()));
    if let Some(before) = statement.sql.strip_suffix(&number)
        && before.ends_with(" LIMIT ")
    {
        statement.sql = format!("{before}{limit}");
        values.pop();
    }
}

/// Values as [`build`] sends them.
pub(crate) fn suit(backend: DbBackend, values: &mut [Value]) {
    if backend != DbBackend::MySql {
        return;
    }
    for value in values {
        if let Value::ChronoDateTimeUtc(time) = value {
            *value = Value::ChronoDateTime(time.as_ref().map(chrono::DateTime::naive_utc));
        }
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};

    use super::*;

    #[test]
    fn postgresql_is_told_a_limit_in_the_text() {
        let mut select = Query::select();
        select
            .column(Alias::new("a"))
            .from(Alias::new("t"))
            .and_where(Expr::col(Alias::new("a")).eq(7))
            .limit(21);
        let told = build(DbBackend::Postgres, &select);
        assert!(told.sql.ends_with("= $1 LIMIT 21"), "{}", told.sql);
        assert_eq!(told.values, Some(Values(vec![7.into()])));
        let sent = build(DbBackend::MySql, &select);
        assert_eq!(sent.values, Some(Values(vec![7.into(), 21_u64.into()])));
    }

    #[test]
    fn a_limit_that_is_not_the_last_of_the_text_is_sent() {
        let mut select = Query::select();
        select
            .column(Alias::new("a"))
            .from(Alias::new("t"))
            .limit(21)
            .offset(3);
        let sent = build(DbBackend::Postgres, &select);
        assert_eq!(sent.values, Some(Values(vec![21_u64.into(), 3_u64.into()])));
    }
}
