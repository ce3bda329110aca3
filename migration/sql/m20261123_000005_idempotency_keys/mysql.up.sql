-- Requests that may be repeated. No key is kept, only its SHA-256.
CREATE TABLE IF NOT EXISTS user_idempotency_keys (
    key_digest              binary(32) NOT NULL,
    fingerprint             binary(32) NOT NULL,
    profile_id              binary(16),
    response_status         smallint,
    response_location       varchar(255),
    response_etag           varchar(100),
    response_body           mediumtext,
    created_at              datetime(6) NOT NULL,
    expires_at              datetime(6) NOT NULL,
    PRIMARY KEY (key_digest),
    CONSTRAINT user_idempotency_keys_profile_id_fkey
        FOREIGN KEY (profile_id) REFERENCES user_profiles (id) ON DELETE CASCADE,
    CONSTRAINT user_idempotency_keys_key_digest_check CHECK (length(key_digest) = 32),
    CONSTRAINT user_idempotency_keys_fingerprint_check CHECK (length(fingerprint) = 32),
    CONSTRAINT user_idempotency_keys_response_status_check CHECK (response_status BETWEEN 100 AND 599),
    INDEX user_idempotency_keys_profile_id_idx (profile_id),
    INDEX user_idempotency_keys_expires_at_idx (expires_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
