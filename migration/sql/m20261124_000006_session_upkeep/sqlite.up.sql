-- A token names a session of one person only; and what the upkeep of sessions looks for.
-- A constraint cannot be dropped here: the table is made anew, with its rows.
CREATE TABLE user_sessions_anew (
    id                      BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    profile_id              BLOB NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    token_digest            BLOB NOT NULL CHECK (length(token_digest) = 32),
    device_type             TEXT CHECK (device_type IN ('web', 'mobile', 'tablet', 'desktop')),
    device_name             TEXT CHECK (length(device_name) <= 100),
    os                      TEXT CHECK (length(os) <= 50),
    ip_address              TEXT CHECK (length(ip_address) <= 45),
    user_agent              TEXT CHECK (length(user_agent) <= 1024),
    created_at              TEXT NOT NULL,
    last_activity_at        TEXT NOT NULL,
    expires_at              TEXT NOT NULL,
    -- Whether expires_at follows the tokens of the session.
    follows_tokens          INTEGER NOT NULL CHECK (follows_tokens IN (0, 1)),
    ended_at                TEXT,
    ended_reason            TEXT CHECK (ended_reason IN ('logout', 'revoked', 'evicted', 'expired')),
    UNIQUE (profile_id, token_digest),
    CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
) STRICT;

INSERT INTO user_sessions_anew (
    id, profile_id, token_digest, device_type, device_name, os, ip_address, user_agent, created_at, last_activity_at,
    expires_at, follows_tokens, ended_at, ended_reason
)
SELECT
    id, profile_id, token_digest, device_type, device_name, os, ip_address, user_agent, created_at, last_activity_at,
    expires_at, 1, ended_at, ended_reason
FROM user_sessions;

DROP TABLE user_sessions;
ALTER TABLE user_sessions_anew RENAME TO user_sessions;

-- Both "not ended, but lapsed" and "ended before".
CREATE INDEX user_sessions_ended_at_idx ON user_sessions (ended_at, expires_at);
