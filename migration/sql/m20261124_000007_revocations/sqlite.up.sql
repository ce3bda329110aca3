-- What must not be trusted any longer, line after line. No foreign key: a line outlives the profile.
CREATE TABLE user_revocations (
    -- AUTOINCREMENT: a position is never given again, whatever was forgotten.
    position                INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id                 BLOB NOT NULL CHECK (length(user_id) = 16),
    kind                    TEXT NOT NULL CHECK (kind IN ('session', 'deactivated', 'reactivated', 'removed')),
    session_id              BLOB CHECK (length(session_id) = 16),
    token_digest            BLOB CHECK (length(token_digest) = 32),
    reason                  TEXT CHECK (reason IN ('logout', 'revoked', 'evicted', 'expired')),
    revoked_at              TEXT NOT NULL,
    expires_at              TEXT,
    CHECK (
        (kind = 'session') = (session_id IS NOT NULL)
        AND (kind = 'session') = (token_digest IS NOT NULL)
        AND (kind = 'session') = (reason IS NOT NULL)
        AND (kind = 'session') = (expires_at IS NOT NULL)
    )
) STRICT;

-- The newest removal of a person.
CREATE INDEX user_revocations_user_id_idx ON user_revocations (user_id, kind, revoked_at);
CREATE INDEX user_revocations_revoked_at_idx ON user_revocations (revoked_at);
