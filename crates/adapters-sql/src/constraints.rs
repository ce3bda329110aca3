//! Which rule a unique violation names.

use sqlx::error::DatabaseError;
use user_service_domain::store::Constraint;

/// PostgreSQL and MySQL name the constraint, SQLite the columns.
const NAMES: [(&str, &str, Constraint); 7] = [
    (
        "user_profiles_pkey",
        "user_profiles.id",
        Constraint::ProfileId,
    ),
    (
        "user_profiles_user_id_key",
        "user_profiles.user_id",
        Constraint::ProfileUser,
    ),
    (
        "user_preferences_profile_id_key",
        "user_preferences.profile_id",
        Constraint::PreferencesProfile,
    ),
    (
        "user_preferences_pkey",
        "user_preferences.id",
        Constraint::PreferencesId,
    ),
    (
        "user_idempotency_keys_pkey",
        "user_idempotency_keys.key_digest",
        Constraint::IdempotencyKey,
    ),
    (
        "user_sessions_pkey",
        "user_sessions.id",
        Constraint::SessionId,
    ),
    (
        "user_sessions_profile_id_token_digest_key",
        "user_sessions.profile_id, user_sessions.token_digest",
        Constraint::SessionToken,
    ),
];

/// The rule that was broken. `primary` is that of the table's key, which MariaDB only calls `PRIMARY`.
pub(crate) fn broken(error: &dyn DatabaseError, primary: Option<Constraint>) -> Option<Constraint> {
    find(error.constraint(), error.message(), primary)
}

fn find(name: Option<&str>, message: &str, primary: Option<Constraint>) -> Option<Constraint> {
    let named = |text: &str| {
        NAMES
            .iter()
            .find(|(name, column, _)| text == *name || text == *column)
            .map(|(_, _, rule)| *rule)
    };
    if let Some(rule) = name.and_then(named) {
        return Some(rule);
    }
    if let Some((_, columns)) = message.rsplit_once("UNIQUE constraint failed: ") {
        return named(columns.trim());
    }
    // The duplicate value stands before the key's name and may hold anything.
    let (_, key) = message.rsplit_once("for key '")?;
    let key = key.strip_suffix('\'')?;
    // MySQL puts the table before the name, MariaDB does not.
    let key = key.rsplit_once('.').map_or(key, |(_, key)| key);
    if key == "PRIMARY" {
        primary
    } else {
        named(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_is_understood() {
        let id = Some(Constraint::ProfileId);
        let user = Some(Constraint::ProfileUser);
        assert_eq!(
            find(Some("user_profiles_user_id_key"), "duplicate key", id),
            user
        );
        assert_eq!(
            find(None, "UNIQUE constraint failed: user_profiles.user_id", id),
            user
        );
        assert_eq!(
            find(
                None,
                "UNIQUE constraint failed: user_sessions.profile_id, user_sessions.token_digest",
                None
            ),
            Some(Constraint::SessionToken)
        );
        assert_eq!(
            find(
                None,
                "Duplicate entry 'x' for key 'user_profiles_user_id_key'",
                id
            ),
            user
        );
        assert_eq!(
            find(
                None,
                "Duplicate entry 'x' for key 'user_profiles.user_profiles_user_id_key'",
                id
            ),
            user
        );
        assert_eq!(
            find(None, "Duplicate entry 'for key 'a'' for key 'PRIMARY'", id),
            id
        );
        assert_eq!(
            find(
                None,
                "Duplicate entry '1' for key 'user_preferences.PRIMARY'",
                None
            ),
            None
        );
    }
}
