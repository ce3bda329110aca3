//! Statements that are rendered once.

use std::sync::OnceLock;

use sea_orm::sea_query::SelectStatement;
use sea_orm::{DbBackend, Statement, Value};

/// A statement whose text is the same whatever it is asked with. Building and rendering it costs more than half of what
/// the driver does with it.
pub(crate) struct Fixed {
    texts: [OnceLock<String>; 3],
}

impl Fixed {
    pub(crate) const fn new() -> Self {
        Self {
            texts: [const { OnceLock::new() }; 3],
        }
    }

    /// The statement with these values; `select` is rendered at the first time, and its values are left out.
    pub(crate) fn with<const N: usize>(
        &self,
        backend: DbBackend,
        values: [Value; N],
        select: impl FnOnce() -> SelectStatement,
    ) -> Statement {
        let [mysql, postgres, sqlite] = &self.texts;
        let text = match backend {
            DbBackend::MySql => mysql,
            DbBackend::Postgres => postgres,
            _ => sqlite,
        };
        let text = text.get_or_init(|| backend.build(&select()).sql);
        Statement::from_sql_and_values(backend, text.as_str(), values)
    }
}
