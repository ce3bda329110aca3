DROP TABLE IF EXISTS user_avatar_aliases;
DROP TABLE IF EXISTS user_avatar_files;

SET @change = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_profiles' AND column_name = 'avatar_id'
    ),
    'ALTER TABLE user_profiles
        DROP CONSTRAINT user_profiles_avatar_check,
        DROP CONSTRAINT user_profiles_avatar_fallback_check,
        DROP INDEX user_profiles_avatar_id_key,
        DROP COLUMN avatar_id,
        DROP COLUMN avatar_digest,
        DROP COLUMN avatar_fallback,
        DROP COLUMN avatar_thumbhash',
    'DO 0'
);
PREPARE user_profiles_change FROM @change;
EXECUTE user_profiles_change;
DEALLOCATE PREPARE user_profiles_change;
