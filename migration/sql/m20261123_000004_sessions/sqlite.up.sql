-- Where a person is signed in. No token is kept, only its SHA-256.
CREATE TABLE user_sessions (
    id                      BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    profile_id              BLOB NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    token_digest            BLOB NOT NULL UNIQUE CHECK (length(token_digest) = 32),
    device_type             TEXT CHECK (device_type IN ('web', 'mobile', 'tablet', 'desktop')),
    device_name             TEXT CHECK (length(device_name) <= 100),
    os                      TEXT CHECK (length(os) <= 50),
    ip_address              TEXT CHECK (length(ip_address) <= 45),
    user_agent              TEXT CHECK (length(user_agent) <= 1024),
    created_at              TEXT NOT NULL,
    last_activity_at        TEXT NOT NULL,
    expires_at              TEXT NOT NULL,
    ended_at                TEXT,
    ended_reason            TEXT CHECK (ended_reason IN ('logout', 'revoked', 'evicted', 'expired')),
    CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
) STRICT;

CREATE INDEX user_sessions_profile_id_idx ON user_sessions (profile_id);
