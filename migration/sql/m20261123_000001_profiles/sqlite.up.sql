-- One row per person. Times are UTC to the microsecond as RFC 3339 text and, like ids, come from the service.
CREATE TABLE user_profiles (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id       BLOB    NOT NULL UNIQUE CHECK (length(user_id) = 16),
    display_name  TEXT    NOT NULL CHECK (length(display_name) BETWEEN 1 AND 100),
    -- The folded name, compared byte by byte: the order of lists.
    name_key      TEXT    NOT NULL CHECK (length(name_key) <= 100),
    -- The folded name and location: what a search looks in.
    search_text   TEXT    NOT NULL,
    bio           TEXT    CHECK (length(bio) <= 500),
    avatar_url    TEXT    CHECK (length(avatar_url) <= 500),
    location      TEXT    CHECK (length(location) <= 100),
    website       TEXT    CHECK (length(website) <= 255),
    phone_number  TEXT    CHECK (length(phone_number) <= 20),
    is_verified   INTEGER NOT NULL CHECK (is_verified IN (0, 1)),
    is_active     INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    version       INTEGER NOT NULL CHECK (version >= 1),
    created_at    TEXT    NOT NULL,
    updated_at    TEXT    NOT NULL
) STRICT;

CREATE INDEX user_profiles_created_at_idx ON user_profiles (created_at, id);
CREATE INDEX user_profiles_name_key_idx ON user_profiles (name_key, id);
