-- Requests that may be repeated. No key is kept, only its SHA-256.
CREATE TABLE user_idempotency_keys (
    key_digest              BLOB NOT NULL PRIMARY KEY CHECK (length(key_digest) = 32),
    fingerprint             BLOB NOT NULL CHECK (length(fingerprint) = 32),
    profile_id              BLOB REFERENCES user_profiles (id) ON DELETE CASCADE,
    response_status         INTEGER CHECK (response_status BETWEEN 100 AND 599),
    response_location       TEXT CHECK (length(response_location) <= 255),
    response_etag           TEXT CHECK (length(response_etag) <= 100),
    response_body           TEXT,
    created_at              TEXT NOT NULL,
    expires_at              TEXT NOT NULL
) STRICT;

CREATE INDEX user_idempotency_keys_profile_id_idx ON user_idempotency_keys (profile_id);
CREATE INDEX user_idempotency_keys_expires_at_idx ON user_idempotency_keys (expires_at);
