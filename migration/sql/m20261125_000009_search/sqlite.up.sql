-- The index of the search: words of names and locations, what in them can be looked for, and who has them.
-- word_id: the first 8 bytes of the SHA-256 of the word.
CREATE TABLE user_search_words (
    word_id       INTEGER NOT NULL PRIMARY KEY,
    word          TEXT    NOT NULL
) STRICT;

-- kind: 1 from the start of something on; 2 from the middle of something on; 3 with one letter left out.
-- term: folded, cut to 32 characters, compared byte by byte.
CREATE TABLE user_search_terms (
    kind          INTEGER NOT NULL,
    term          TEXT    NOT NULL CHECK (length(term) <= 32),
    word_id       INTEGER NOT NULL,
    PRIMARY KEY (kind, term, word_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_search_postings (
    word_id       INTEGER NOT NULL,
    profile_id    BLOB    NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE,
    PRIMARY KEY (word_id, profile_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_search_postings_profile_id_idx ON user_search_postings (profile_id);

-- Which form of the index the profile is in; NULL while it is in none.
ALTER TABLE user_profiles ADD COLUMN search_version INTEGER;

CREATE INDEX user_profiles_search_version_idx ON user_profiles (id) WHERE search_version IS NULL;
