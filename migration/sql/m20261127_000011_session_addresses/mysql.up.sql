-- Sessions by when they were made: what was last used long ago was made long ago. An index by when they were last
-- used would be written with every activity.
-- Where it was done already, nothing is.
SET @change = IF(
    EXISTS (
        SELECT 1 FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'user_sessions' AND index_name = 'user_sessions_address_idx'
    ),
    'DO 0',
    'ALTER TABLE user_sessions ADD INDEX user_sessions_address_idx (created_at, id)'
);
PREPARE user_sessions_change FROM @change;
EXECUTE user_sessions_change;
DEALLOCATE PREPARE user_sessions_change;
