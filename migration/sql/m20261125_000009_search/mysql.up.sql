-- The index of the search: words of names and locations, what in them can be looked for, and who has them.
CREATE TABLE IF NOT EXISTS user_search_words (
    -- The first 8 bytes of the SHA-256 of the word.
    word_id       bigint       NOT NULL,
    word          text         NOT NULL,
    PRIMARY KEY (word_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS user_search_terms (
    -- 1: from the start of something on; 2: from the middle of something on; 3: with one letter left out.
    kind          tinyint      NOT NULL,
    -- Folded, cut to 32 characters, compared byte by byte.
    term          varchar(32)  NOT NULL,
    word_id       bigint       NOT NULL,
    PRIMARY KEY (kind, term, word_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

CREATE TABLE IF NOT EXISTS user_search_postings (
    word_id       bigint       NOT NULL,
    profile_id    binary(16)   NOT NULL,
    PRIMARY KEY (word_id, profile_id),
    INDEX user_search_postings_profile_id_idx (profile_id),
    CONSTRAINT user_search_postings_profile_id_fkey
        FOREIGN KEY (profile_id) REFERENCES user_profiles (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- Which form of the index the profile is in; NULL while it is in none.
-- One ALTER TABLE is done all or not at all; where it was done already, nothing is.
SET @change = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_profiles' AND column_name = 'search_version'
    ),
    'DO 0',
    'ALTER TABLE user_profiles
        ADD COLUMN search_version smallint,
        ADD INDEX user_profiles_search_version_idx (search_version, id)'
);
PREPARE user_profiles_change FROM @change;
EXECUTE user_profiles_change;
DEALLOCATE PREPARE user_profiles_change;
