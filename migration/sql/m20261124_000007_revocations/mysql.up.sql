-- What must not be trusted any longer, line after line. No foreign key: a line outlives the profile.
CREATE TABLE IF NOT EXISTS user_revocations (
    position                bigint NOT NULL AUTO_INCREMENT,
    user_id                 binary(16) NOT NULL,
    kind                    varchar(20) NOT NULL,
    session_id              binary(16),
    token_digest            binary(32),
    reason                  varchar(10),
    revoked_at              datetime(6) NOT NULL,
    expires_at              datetime(6),
    PRIMARY KEY (position),
    CONSTRAINT user_revocations_kind_check CHECK (kind IN ('session', 'deactivated', 'reactivated', 'removed')),
    CONSTRAINT user_revocations_token_digest_check CHECK (length(token_digest) = 32),
    CONSTRAINT user_revocations_reason_check CHECK (reason IN ('logout', 'revoked', 'evicted', 'expired')),
    CONSTRAINT user_revocations_session_check CHECK (
        (kind = 'session') = (session_id IS NOT NULL)
        AND (kind = 'session') = (token_digest IS NOT NULL)
        AND (kind = 'session') = (reason IS NOT NULL)
        AND (kind = 'session') = (expires_at IS NOT NULL)
    ),
    -- The newest removal of a person.
    INDEX user_revocations_user_id_idx (user_id, kind, revoked_at),
    INDEX user_revocations_revoked_at_idx (revoked_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
