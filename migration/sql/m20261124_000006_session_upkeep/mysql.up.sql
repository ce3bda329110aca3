-- A token names a session of one person only; and what the upkeep of sessions looks for.
-- One ALTER TABLE is done all or not at all; where it was done already, nothing is.
-- follows_tokens: whether expires_at follows the tokens of the session.
-- user_sessions_ended_at_idx: both "not ended, but lapsed" and "ended before".
-- The new constraint's index begins with profile_id and serves the foreign key too.
SET @change = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_sessions' AND column_name = 'follows_tokens'
    ),
    'DO 0',
    'ALTER TABLE user_sessions
        ADD COLUMN follows_tokens boolean NOT NULL DEFAULT true,
        ADD CONSTRAINT user_sessions_profile_id_token_digest_key UNIQUE (profile_id, token_digest),
        ADD INDEX user_sessions_ended_at_idx (ended_at, expires_at),
        DROP INDEX user_sessions_token_digest_key,
        DROP INDEX user_sessions_profile_id_idx'
);
PREPARE user_sessions_change FROM @change;
EXECUTE user_sessions_change;
DEALLOCATE PREPARE user_sessions_change;

ALTER TABLE user_sessions ALTER COLUMN follows_tokens DROP DEFAULT;
