DROP INDEX user_profiles_search_version_idx;
ALTER TABLE user_profiles DROP COLUMN search_version;

DROP TABLE IF EXISTS user_search_postings;
DROP TABLE IF EXISTS user_search_terms;
DROP TABLE IF EXISTS user_search_words;
