-- What moves often, kept off the profile's row.
CREATE TABLE user_profile_activity (
    profile_id     BLOB NOT NULL PRIMARY KEY REFERENCES user_profiles (id) ON DELETE CASCADE,
    last_login_at  TEXT
) STRICT;
