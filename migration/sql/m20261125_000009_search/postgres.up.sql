-- The index of the search: words of names and locations, what in them can be looked for, and who has them.
CREATE TABLE user_search_words (
    -- The first 8 bytes of the SHA-256 of the word.
    word_id       bigint       NOT NULL,
    word          text         COLLATE "C" NOT NULL,
    CONSTRAINT user_search_words_pkey PRIMARY KEY (word_id)
);

CREATE TABLE user_search_terms (
    -- 1: from the start of something on; 2: from the middle of something on; 3: with one letter left out.
    kind          smallint     NOT NULL,
    -- Folded, cut to 32 characters, compared byte by byte.
    term          varchar(32)  COLLATE "C" NOT NULL,
    word_id       bigint       NOT NULL,
    CONSTRAINT user_search_terms_pkey PRIMARY KEY (kind, term, word_id)
);

CREATE TABLE user_search_postings (
    word_id       bigint       NOT NULL,
    profile_id    uuid         NOT NULL,
    CONSTRAINT user_search_postings_pkey PRIMARY KEY (word_id, profile_id),
    CONSTRAINT user_search_postings_profile_id_fkey
        FOREIGN KEY (profile_id) REFERENCES user_profiles (id) ON DELETE CASCADE
);

CREATE INDEX user_search_postings_profile_id_idx ON user_search_postings (profile_id);

-- Which form of the index the profile is in; NULL while it is in none.
ALTER TABLE user_profiles ADD COLUMN search_version smallint;

CREATE INDEX user_profiles_search_version_idx ON user_profiles (id) WHERE search_version IS NULL;
