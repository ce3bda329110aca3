SET @change = IF(
    EXISTS (
        SELECT 1 FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_profiles' AND index_name = 'user_profiles_is_active_idx'
    ),
    'ALTER TABLE user_profiles
        DROP INDEX user_profiles_is_active_idx,
        DROP INDEX user_profiles_is_verified_idx',
    'DO 0'
);
PREPARE user_profiles_change FROM @change;
EXECUTE user_profiles_change;
DEALLOCATE PREPARE user_profiles_change;
