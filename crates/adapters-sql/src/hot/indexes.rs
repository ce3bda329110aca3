//! Which indexes there have to be beside primary keys.

use std::borrow::Cow;

use sea_orm::DbBackend;

/// An index as migrations make it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexDefinition {
    /// Its name.
    pub name: &'static str,
    /// Its table.
    pub table: &'static str,
    /// Its columns, in their order.
    pub columns: &'static [&'static str],
    /// Whether it is a rule, too: no two rows are alike in it.
    pub is_unique: bool,
    /// Which rows it has, where not all.
    pub of_rows: Option<&'static str>,
}

/// An index that is in a database, and can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownIndex {
    /// Its table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<String>,
}

const fn index(
    name: &'static str,
    table: &'static str,
    columns: &'static [&'static str],
) -> IndexDefinition {
    IndexDefinition {
        name,
        table,
        columns,
        is_unique: false,
        of_rows: None,
    }
}

const fn unique(
    name: &'static str,
    table: &'static str,
    columns: &'static [&'static str],
) -> IndexDefinition {
    IndexDefinition {
        is_unique: true,
        ..index(name, table, columns)
    }
}

const COMMON: [IndexDefinition; 14] = [
    unique("user_profiles_user_id_key", "user_profiles", &["user_id"]),
    index(
        "user_profiles_created_at_idx",
        "user_profiles",
        &["created_at", "id"],
    ),
    index(
        "user_profiles_name_key_idx",
        "user_profiles",
        &["name_key", "id"],
    ),
    index(
        "user_profiles_is_active_idx",
        "user_profiles",
        &["is_active", "created_at", "id"],
    ),
    index(
        "user_profiles_is_verified_idx",
        "user_profiles",
        &["is_verified", "created_at", "id"],
    ),
    unique(
        "user_preferences_profile_id_key",
        "user_preferences",
        &["profile_id"],
    ),
    unique(
        "user_sessions_profile_id_token_digest_key",
        "user_sessions",
        &["profile_id", "token_digest"],
    ),
    index(
        "user_sessions_ended_at_idx",
        "user_sessions",
        &["ended_at", "expires_at"],
    ),
    index(
        "user_revocations_user_id_idx",
        "user_revocations",
        &["user_id", "kind", "revoked_at"],
    ),
    index(
        "user_revocations_revoked_at_idx",
        "user_revocations",
        &["revoked_at"],
    ),
    index(
        "user_idempotency_keys_profile_id_idx",
        "user_idempotency_keys",
        &["profile_id"],
    ),
    index(
        "user_idempotency_keys_expires_at_idx",
        "user_idempotency_keys",
        &["expires_at"],
    ),
    index(
        "user_avatar_files_due_at_idx",
        "user_avatar_files",
        &["due_at"],
    ),
    index(
        "user_avatar_aliases_profile_id_idx",
        "user_avatar_aliases",
        &["profile_id"],
    ),
];

const POSTINGS: IndexDefinition = index(
    "user_search_postings_profile_id_idx",
    "user_search_postings",
    &["profile_id"],
);

/// Every index of this engine.
pub fn indexes(backend: DbBackend) -> Vec<IndexDefinition> {
    let avatar = unique(
        "user_profiles_avatar_id_key",
        "user_profiles",
        &["avatar_id"],
    );
    let pending = "user_profiles_search_version_idx";
    let address = index(
        "user_sessions_address_idx",
        "user_sessions",
        &["created_at", "id"],
    );
    let of_some = if backend == DbBackend::MySql {
        // It has no index of some rows.
        [
            avatar,
            address,
            index(pending, "user_profiles", &["search_version", "id"]),
        ]
    } else {
        [
            IndexDefinition {
                of_rows: Some("avatar_id IS NOT NULL"),
                ..avatar
            },
            IndexDefinition {
                of_rows: Some("ip_address IS NOT NULL"),
                ..address
            },
            IndexDefinition {
                of_rows: Some("search_version IS NULL"),
                ..index(pending, "user_profiles", &["id"])
            },
        ]
    };
    COMMON
        .into_iter()
        .chain([POSTINGS])
        .chain(of_some)
        .collect()
}

impl IndexDefinition {
    /// Whether an index of the database does what this one does, by whatever name.
    pub fn is_met_by(&self, known: &KnownIndex) -> bool {
        let same_start = known
            .columns
            .iter()
            .zip(self.columns)
            .filter(|(known, wanted)| known == *wanted)
            .count();
        // The primary key begins with the same column as the index of some rows: only its name tells them apart.
        let named = self.of_rows.is_none() || known.name == self.name;
        known.table == self.table && same_start == self.columns.len() && named
    }

    /// The statement that makes it, without keeping writers waiting where the engine can do that.
    pub fn create(&self, backend: DbBackend) -> String {
        let unique = if self.is_unique { "UNIQUE " } else { "" };
        let concurrently = if backend == DbBackend::Postgres {
            "CONCURRENTLY "
        } else {
            ""
        };
        let of_rows = self
            .of_rows
            .map_or(Cow::Borrowed(""), |rows| format!(" WHERE {rows}").into());
        format!(
            "CREATE {unique}INDEX {concurrently}{} ON {} ({}){of_rows}",
            self.name,
            self.table,
            self.columns.join(", ")
        )
    }
}
