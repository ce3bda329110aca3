-- The pictures of a profile: the files themselves are in the store of avatars.
-- avatar_id: under which the files are kept; a new one for every upload.
ALTER TABLE user_profiles ADD COLUMN avatar_id BLOB CHECK (length(avatar_id) = 16);
ALTER TABLE user_profiles ADD COLUMN avatar_digest BLOB
    CHECK (length(avatar_digest) = 16 AND (avatar_digest IS NULL) = (avatar_id IS NULL));
ALTER TABLE user_profiles ADD COLUMN avatar_fallback TEXT
    CHECK (avatar_fallback IN ('jpeg', 'png') AND (avatar_fallback IS NULL) = (avatar_id IS NULL));
ALTER TABLE user_profiles ADD COLUMN avatar_thumbhash TEXT
    CHECK (length(avatar_thumbhash) <= 36 AND (avatar_thumbhash IS NULL) = (avatar_id IS NULL));

CREATE UNIQUE INDEX user_profiles_avatar_id_key ON user_profiles (avatar_id) WHERE avatar_id IS NOT NULL;

-- Files that are nobody's from a moment on: noted before they come to be and before they are to go.
CREATE TABLE user_avatar_files (
    avatar_id               BLOB NOT NULL PRIMARY KEY CHECK (length(avatar_id) = 16),
    due_at                  TEXT NOT NULL
) STRICT;

CREATE INDEX user_avatar_files_due_at_idx ON user_avatar_files (due_at);

-- By what else an avatar is known: SHA-256 of the user id or of the e-mail address.
CREATE TABLE user_avatar_aliases (
    alias                   BLOB NOT NULL PRIMARY KEY CHECK (length(alias) = 32),
    profile_id              BLOB NOT NULL REFERENCES user_profiles (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX user_avatar_aliases_profile_id_idx ON user_avatar_aliases (profile_id);
