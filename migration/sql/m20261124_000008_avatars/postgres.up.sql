-- The pictures of a profile: the files themselves are in the store of avatars.
ALTER TABLE user_profiles
    -- Under which the files are kept; a new one for every upload.
    ADD COLUMN avatar_id        uuid,
    ADD COLUMN avatar_digest    bytea,
    ADD COLUMN avatar_fallback  varchar(4),
    ADD COLUMN avatar_thumbhash varchar(36),
    ADD CONSTRAINT user_profiles_avatar_check CHECK (
        (avatar_id IS NULL) = (avatar_digest IS NULL)
        AND (avatar_id IS NULL) = (avatar_fallback IS NULL)
        AND (avatar_id IS NULL) = (avatar_thumbhash IS NULL)
    ),
    ADD CONSTRAINT user_profiles_avatar_digest_check CHECK (length(avatar_digest) = 16),
    ADD CONSTRAINT user_profiles_avatar_fallback_check CHECK (avatar_fallback IN ('jpeg', 'png'));

CREATE UNIQUE INDEX user_profiles_avatar_id_key ON user_profiles (avatar_id) WHERE avatar_id IS NOT NULL;

-- Files that are nobody's from a moment on: noted before they come to be and before they are to go.
CREATE TABLE user_avatar_files (
    avatar_id               uuid NOT NULL,
    due_at                  timestamptz NOT NULL,
    CONSTRAINT user_avatar_files_pkey PRIMARY KEY (avatar_id)
);

CREATE INDEX user_avatar_files_due_at_idx ON user_avatar_files (due_at);

-- By what else an avatar is known: SHA-256 of the user id or of the e-mail address.
CREATE TABLE user_avatar_aliases (
    alias                   bytea NOT NULL,
    profile_id              uuid NOT NULL,
    CONSTRAINT user_avatar_aliases_pkey PRIMARY KEY (alias),
    CONSTRAINT user_avatar_aliases_profile_id_fkey
        FOREIGN KEY (profile_id) REFERENCES user_profiles (id) ON DELETE CASCADE,
    CONSTRAINT user_avatar_aliases_alias_check CHECK (length(alias) = 32)
);

CREATE INDEX user_avatar_aliases_profile_id_idx ON user_avatar_aliases (profile_id);
