//! Statements that are rendered once.

use std::sync::OnceLock;

use sea_orm::sea_query::SelectStatement;
use sea_orm::{DbBackend, Statement, StatementBuilder, Value};
use user_service_domain::profile::ProfileKey;

use crate::dialect::suit;

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

    /// The statement with these values; it is rendered at the first time, and the values it came with are left out.
    pub(crate) fn with<S: StatementBuilder>(
        &self,
        backend: DbBackend,
        values: impl IntoIterator<Item = Value>,
        statement: impl FnOnce() -> S,
    ) -> Statement {
        let [mysql, postgres, sqlite] = &self.texts;
        let text = match backend {
            DbBackend::MySql => mysql,
            DbBackend::Postgres => postgres,
            _ => sqlite,
        };
        let text = text.get_or_init(|| backend.build(&statement()).sql);
        let mut values: Vec<Value> = values.into_iter().collect();
        suit(backend, &mut values);
        Statement::from_sql_and_values(backend, text.as_str(), values)
    }
}

/// A statement by one key or the other.
pub(crate) struct ByKey {
    id: Fixed,
    user: Fixed,
}

impl ByKey {
    pub(crate) const fn new() -> Self {
        Self {
            id: Fixed::new(),
            user: Fixed::new(),
        }
    }

    /// The statement by this key.
    pub(crate) fn with(
        &self,
        backend: DbBackend,
        key: ProfileKey,
        select: fn(ProfileKey) -> SelectStatement,
    ) -> Statement {
        let (fixed, value) = match key {
            ProfileKey::Id(id) => (&self.id, id.get()),
            ProfileKey::User(user) => (&self.user, user.get()),
        };
        fixed.with(backend, [value.into()], || select(key))
    }
}
