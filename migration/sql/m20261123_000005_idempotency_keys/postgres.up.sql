-- Requests that may be repeated. No key is kept, only its SHA-256.
CREATE TABLE user_idempotency_keys (
    key_digest              bytea NOT NULL,
    fingerprint             bytea NOT NULL,
    profile_id              uuid,
    response_status         smallint,
    response_location       varchar(255),
    response_etag           varchar(100),
    response_body           text,
    created_at              timestamptz NOT NULL,
    expires_at              timestamptz NOT NULL,
    CONSTRAINT user_idempotency_keys_pkey PRIMARY KEY (key_digest),
    CONSTRAINT user_idempotency_keys_profile_id_fkey
        FOREIGN KEY (profile_id) REFERENCES user_profiles (id) ON DELETE CASCADE,
    CONSTRAINT user_idempotency_keys_key_digest_check CHECK (length(key_digest) = 32),
    CONSTRAINT user_idempotency_keys_fingerprint_check CHECK (length(fingerprint) = 32),
    CONSTRAINT user_idempotency_keys_response_status_check CHECK (response_status BETWEEN 100 AND 599)
);

CREATE INDEX user_idempotency_keys_profile_id_idx ON user_idempotency_keys (profile_id);
CREATE INDEX user_idempotency_keys_expires_at_idx ON user_idempotency_keys (expires_at);
