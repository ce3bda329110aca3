DROP TABLE IF EXISTS user_avatar_aliases;
DROP TABLE IF EXISTS user_avatar_files;

DROP INDEX user_profiles_avatar_id_key;
ALTER TABLE user_profiles DROP COLUMN avatar_thumbhash;
ALTER TABLE user_profiles DROP COLUMN avatar_fallback;
ALTER TABLE user_profiles DROP COLUMN avatar_digest;
ALTER TABLE user_profiles DROP COLUMN avatar_id;
