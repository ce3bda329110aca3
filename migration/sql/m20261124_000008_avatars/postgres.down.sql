DROP TABLE IF EXISTS user_avatar_aliases;
DROP TABLE IF EXISTS user_avatar_files;

-- The index and the constraints go with the columns.
ALTER TABLE user_profiles
    DROP COLUMN avatar_id,
    DROP COLUMN avatar_digest,
    DROP COLUMN avatar_fallback,
    DROP COLUMN avatar_thumbhash;
