//! The changes, oldest first.

use sea_orm_migration::sea_orm::DbBackend;

/// The texts of one change.
pub(crate) struct Change {
    pub(crate) name: &'static str,
    postgres: Script,
    mysql: Script,
    sqlite: Script,
}

/// The texts of one change for one engine.
pub(crate) struct Script {
    pub(crate) up: &'static str,
    pub(crate) down: &'static str,
}

impl Change {
    /// The texts for this engine, if it is one of ours.
    pub(crate) fn script(&self, backend: DbBackend) -> Option<&Script> {
        match backend {
            DbBackend::Postgres => Some(&self.postgres),
            DbBackend::MySql => Some(&self.mysql),
            DbBackend::Sqlite => Some(&self.sqlite),
            _ => None,
        }
    }
}

macro_rules! script {
    ($name:literal, $engine:literal) => {
        Script {
            up: include_str!(concat!("../sql/", $name, "/", $engine, ".up.sql")),
            down: include_str!(concat!("../sql/", $name, "/", $engine, ".down.sql")),
        }
    };
}

macro_rules! catalogue {
    ($($name:literal),+ $(,)?) => {
        &[$(Change {
            name: $name,
            postgres: script!($name, "postgres"),
            mysql: script!($name, "mysql"),
            sqlite: script!($name, "sqlite"),
        }),+]
    };
}

/// Every change.
pub(crate) static CHANGES: &[Change] = catalogue![
    "m20261123_000001_profiles",
    "m20261123_000002_profile_activity",
    "m20261123_000003_preferences",
    "m20261123_000004_sessions",
    "m20261123_000005_idempotency_keys",
    "m20261124_000006_session_upkeep",
    "m20261124_000007_revocations",
    "m20261124_000008_avatars",
    "m20261125_000009_search",
    "m20261125_000010_list_filters",
    "m20261127_000011_session_addresses",
];
