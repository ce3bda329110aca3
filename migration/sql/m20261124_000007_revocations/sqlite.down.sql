DROP TABLE IF EXISTS user_revocations;
