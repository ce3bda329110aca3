DROP TABLE IF EXISTS user_idempotency_keys;
