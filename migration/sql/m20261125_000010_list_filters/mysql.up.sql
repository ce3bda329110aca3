-- Lists of the few, whichever of both they are.
-- One ALTER TABLE is done all or not at all; where it was done already, nothing is.
SET @change = IF(
    EXISTS (
        SELECT 1 FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_profiles' AND index_name = 'user_profiles_is_active_idx'
    ),
    'DO 0',
    'ALTER TABLE user_profiles
        ADD INDEX user_profiles_is_active_idx (is_active, created_at, id),
        ADD INDEX user_profiles_is_verified_idx (is_verified, created_at, id)'
);
PREPARE user_profiles_change FROM @change;
EXECUTE user_profiles_change;
DEALLOCATE PREPARE user_profiles_change;
