-- Refused where two people have sessions of one token: no row is dropped.
CREATE UNIQUE INDEX user_sessions_token_digest_key ON user_sessions (token_digest);
CREATE INDEX user_sessions_profile_id_idx ON user_sessions (profile_id);

ALTER TABLE user_sessions
    ADD CONSTRAINT user_sessions_token_digest_key UNIQUE USING INDEX user_sessions_token_digest_key,
    DROP CONSTRAINT user_sessions_profile_id_token_digest_key,
    DROP COLUMN follows_tokens;

DROP INDEX user_sessions_ended_at_idx;
