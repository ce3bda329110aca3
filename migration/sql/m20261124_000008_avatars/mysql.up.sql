-- The pictures of a profile: the files themselves are in the store of avatars.
-- avatar_id: under which the files are kept; a new one for every upload.
-- One ALTER TABLE is done all or not at all; where it was done already, nothing is.
SET @change = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'user_profiles' AND column_name = 'avatar_id'
    ),
    'DO 0',
    'ALTER TABLE user_profiles
        ADD COLUMN avatar_id        binary(16),
        ADD COLUMN avatar_digest    binary(16),
        ADD COLUMN avatar_fallback  varchar(4),
        ADD COLUMN avatar_thumbhash varchar(36),
        ADD CONSTRAINT user_profiles_avatar_id_key UNIQUE (avatar_id),
        ADD CONSTRAINT user_profiles_avatar_check CHECK (
            (avatar_id IS NULL) = (avatar_digest IS NULL)
            AND (avatar_id IS NULL) = (avatar_fallback IS NULL)
            AND (avatar_id IS NULL) = (avatar_thumbhash IS NULL)
        ),
        ADD CONSTRAINT user_profiles_avatar_fallback_check CHECK (avatar_fallback IN (''jpeg'', ''png''))'
);
PREPARE user_profiles_change FROM @change;
EXECUTE user_profiles_change;
DEALLOCATE PREPARE user_profiles_change;

-- Files that are nobody's from a moment on: noted before they come to be and before they are to go.
CREATE TABLE IF NOT EXISTS user_avatar_files (
    avatar_id               binary(16) NOT NULL,
    due_at                  datetime(6) NOT NULL,
    PRIMARY KEY (avatar_id),
    INDEX user_avatar_files_due_at_idx (due_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};

-- By what else an avatar is known: SHA-256 of the user id or of the e-mail address.
CREATE TABLE IF NOT EXISTS user_avatar_aliases (
    alias                   binary(32) NOT NULL,
    profile_id              binary(16) NOT NULL,
    PRIMARY KEY (alias),
    INDEX user_avatar_aliases_profile_id_idx (profile_id),
    CONSTRAINT user_avatar_aliases_profile_id_fkey
        FOREIGN KEY (profile_id) REFERENCES user_profiles (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
