-- Refused where two people have sessions of one token: no row is dropped.
SET @change = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_sessions' AND column_name = 'follows_tokens'
    ),
    'ALTER TABLE user_sessions
        ADD CONSTRAINT user_sessions_token_digest_key UNIQUE (token_digest),
        ADD INDEX user_sessions_profile_id_idx (profile_id),
        DROP INDEX user_sessions_profile_id_token_digest_key,
        DROP INDEX user_sessions_ended_at_idx,
        DROP COLUMN follows_tokens',
    'DO 0'
);
PREPARE user_sessions_change FROM @change;
EXECUTE user_sessions_change;
DEALLOCATE PREPARE user_sessions_change;
