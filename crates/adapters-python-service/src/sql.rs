//! What the Python service's database is asked.

/// How an engine calls a text that anything can be cast to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextType {
    /// On `PostgreSQL` and `SQLite`.
    Text,
    /// On `MySQL` and `MariaDB`.
    Char,
}

impl TextType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Char => "CHAR",
        }
    }

    fn texts(self, table: &str, columns: &[&str]) -> Vec<String> {
        let cast = |column: &&str| format!("CAST({table}.{column} AS {})", self.as_str());
        columns.iter().map(cast).collect()
    }

    /// Every profile with its preferences; those of one profile stand together, the newest last.
    pub(crate) fn users(self) -> String {
        let columns = [
            self.texts("p", &PROFILE_TEXTS),
            flags("p", &PROFILE_FLAGS),
            self.texts("f", &PREFERENCES_TEXTS),
            flags("f", &PREFERENCES_FLAGS),
        ];
        format!(
            "SELECT {} FROM user_profiles p LEFT JOIN user_preferences f ON f.profile_id = p.id \
             ORDER BY p.id, f.updated_at, f.id",
            columns.concat().join(", ")
        )
    }

    /// Every session with the person whose it is.
    pub(crate) fn sessions(self) -> String {
        let columns = [
            self.texts("p", &["user_id"]),
            self.texts("s", &SESSION_TEXTS),
            flags("s", &["is_active"]),
        ];
        format!(
            "SELECT {} FROM user_sessions s JOIN user_profiles p ON p.id = s.profile_id",
            columns.concat().join(", ")
        )
    }
}

/// Booleans as texts.
fn flags(table: &str, columns: &[&str]) -> Vec<String> {
    let text = |column: &&str| {
        format!(
            "CASE WHEN {table}.{column} IS NULL THEN NULL WHEN {table}.{column} THEN 'true' ELSE 'false' END"
        )
    };
    columns.iter().map(text).collect()
}

/// How many people have more than one profile.
pub(crate) const REPEATED: &str = "SELECT CAST(COUNT(*) AS CHAR(20)) FROM \
    (SELECT user_id FROM user_profiles GROUP BY user_id HAVING COUNT(*) > 1) AS repeated";

/// Fails unless it is a database of this service.
pub(crate) const OURS: &str = "SELECT 'ours' FROM user_service_migrations";

/// The texts of a profile.
pub(crate) const PROFILE_TEXTS: [&str; 11] = [
    "id",
    "user_id",
    "display_name",
    "bio",
    "avatar_url",
    "location",
    "website",
    "phone_number",
    "created_at",
    "updated_at",
    "last_login_at",
];

/// The flags of a profile.
pub(crate) const PROFILE_FLAGS: [&str; 2] = ["is_verified", "is_active"];

/// The texts of preferences.
pub(crate) const PREFERENCES_TEXTS: [&str; 9] = [
    "id",
    "language",
    "timezone",
    "theme",
    "date_format",
    "time_format",
    "custom_settings",
    "created_at",
    "updated_at",
];

/// The flags of preferences.
pub(crate) const PREFERENCES_FLAGS: [&str; 5] = [
    "email_notifications",
    "push_notifications",
    "sms_notifications",
    "newsletter",
    "marketing",
];

/// The texts of a session.
pub(crate) const SESSION_TEXTS: [&str; 11] = [
    "id",
    "session_token",
    "device_type",
    "device_name",
    "os",
    "ip_address",
    "user_agent",
    "created_at",
    "last_activity_at",
    "expires_at",
    "logout_at",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_asked_for_as_text() {
        let sql = TextType::Char.users();
        assert!(sql.contains("CAST(f.custom_settings AS CHAR)"), "{sql}");
        assert_eq!(
            sql.matches("CAST(").count() + sql.matches("CASE WHEN").count(),
            27
        );
    }
}
