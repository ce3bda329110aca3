-- What must not be trusted any longer, line after line. No foreign key: a line outlives the profile.
CREATE TABLE user_revocations (
    position                bigint GENERATED ALWAYS AS IDENTITY,
    user_id                 uuid NOT NULL,
    kind                    varchar(20) NOT NULL,
    session_id              uuid,
    token_digest            bytea,
    reason                  varchar(10),
    revoked_at              timestamptz NOT NULL,
    expires_at              timestamptz,
    CONSTRAINT user_revocations_pkey PRIMARY KEY (position),
    CONSTRAINT user_revocations_kind_check CHECK (kind IN ('session', 'deactivated', 'reactivated', 'removed')),
    CONSTRAINT user_revocations_token_digest_check CHECK (length(token_digest) = 32),
    CONSTRAINT user_revocations_reason_check CHECK (reason IN ('logout', 'revoked', 'evicted', 'expired')),
    CONSTRAINT user_revocations_session_check CHECK (
        (kind = 'session') = (session_id IS NOT NULL)
        AND (kind = 'session') = (token_digest IS NOT NULL)
        AND (kind = 'session') = (reason IS NOT NULL)
        AND (kind = 'session') = (expires_at IS NOT NULL)
    )
);

-- The newest removal of a person.
CREATE INDEX user_revocations_user_id_idx ON user_revocations (user_id, kind, revoked_at);
CREATE INDEX user_revocations_revoked_at_idx ON user_revocations (revoked_at);
