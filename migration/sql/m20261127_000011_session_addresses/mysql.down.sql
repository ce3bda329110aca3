SET @change = IF(
    EXISTS (
        SELECT 1 FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_sessions' AND index_name = 'user_sessions_address_idx'
    ),
    'ALTER TABLE user_sessions DROP INDEX user_sessions_address_idx',
    'DO 0'
);
PREPARE user_sessions_change FROM @change;
EXECUTE user_sessions_change;
DEALLOCATE PREPARE user_sessions_change;
