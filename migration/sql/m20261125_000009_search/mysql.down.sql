SET @change = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_profiles' AND column_name = 'search_version'
    ),
    'ALTER TABLE user_profiles
        DROP INDEX user_profiles_search_version_idx,
        DROP COLUMN search_version',
    'DO 0'
);
PREPARE user_profiles_change FROM @change;
EXECUTE user_profiles_change;
DEALLOCATE PREPARE user_profiles_change;

DROP TABLE IF EXISTS user_search_postings;
DROP TABLE IF EXISTS user_search_terms;
DROP TABLE IF EXISTS user_search_words;
