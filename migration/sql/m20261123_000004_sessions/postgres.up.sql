-- Where a person is signed in. No token is kept, only its SHA-256.
CREATE TABLE user_sessions (
    id                      uuid NOT NULL,
    profile_id              uuid NOT NULL,
    token_digest            bytea NOT NULL,
    device_type             varchar(10),
    device_name             varchar(100),
    os                      varchar(50),
    ip_address              varchar(45),
    user_agent              varchar(1024),
    created_at              timestamptz NOT NULL,
    last_activity_at        timestamptz NOT NULL,
    expires_at              timestamptz NOT NULL,
    ended_at                timestamptz,
    ended_reason            varchar(10),
    CONSTRAINT user_sessions_pkey PRIMARY KEY (id),
    CONSTRAINT user_sessions_token_digest_key UNIQUE (token_digest),
    CONSTRAINT user_sessions_profile_id_fkey
        FOREIGN KEY (profile_id) REFERENCES user_profiles (id) ON DELETE CASCADE,
    CONSTRAINT user_sessions_token_digest_check CHECK (length(token_digest) = 32),
    CONSTRAINT user_sessions_device_type_check CHECK (device_type IN ('web', 'mobile', 'tablet', 'desktop')),
    CONSTRAINT user_sessions_ended_reason_check CHECK (ended_reason IN ('logout', 'revoked', 'evicted', 'expired')),
    CONSTRAINT user_sessions_ended_check CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
) WITH (fillfactor = 80);

CREATE INDEX user_sessions_profile_id_idx ON user_sessions (profile_id);
