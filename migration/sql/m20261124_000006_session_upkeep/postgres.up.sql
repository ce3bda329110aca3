-- A token names a session of one person only; and what the upkeep of sessions looks for.
-- The indexes are built first, while reads go on; the table is locked for its new column and constraint alone.
CREATE UNIQUE INDEX user_sessions_profile_id_token_digest_key ON user_sessions (profile_id, token_digest);
-- Both "not ended, but lapsed" and "ended before".
CREATE INDEX user_sessions_ended_at_idx ON user_sessions (ended_at, expires_at);

ALTER TABLE user_sessions
    -- Whether expires_at follows the tokens of the session.
    ADD COLUMN follows_tokens boolean NOT NULL DEFAULT true,
    ADD CONSTRAINT user_sessions_profile_id_token_digest_key
        UNIQUE USING INDEX user_sessions_profile_id_token_digest_key,
    DROP CONSTRAINT user_sessions_token_digest_key;
ALTER TABLE user_sessions ALTER COLUMN follows_tokens DROP DEFAULT;

-- The new constraint's index begins with profile_id too.
DROP INDEX user_sessions_profile_id_idx;
