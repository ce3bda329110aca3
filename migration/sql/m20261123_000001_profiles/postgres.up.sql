-- One row per person. Times are UTC to the microsecond and, like ids, come from the service.
CREATE TABLE user_profiles (
    id            uuid         NOT NULL,
    user_id       uuid         NOT NULL,
    display_name  varchar(100) NOT NULL,
    -- The folded name, compared byte by byte: the order of lists.
    name_key      varchar(100) COLLATE "C" NOT NULL,
    -- The folded name and location: what a search looks in.
    search_text   text         NOT NULL,
    bio           varchar(500),
    avatar_url    varchar(500),
    location      varchar(100),
    website       varchar(255),
    phone_number  varchar(20),
    is_verified   boolean      NOT NULL,
    is_active     boolean      NOT NULL,
    version       bigint       NOT NULL,
    created_at    timestamptz  NOT NULL,
    updated_at    timestamptz  NOT NULL,
    CONSTRAINT user_profiles_pkey PRIMARY KEY (id),
    CONSTRAINT user_profiles_user_id_key UNIQUE (user_id),
    CONSTRAINT user_profiles_display_name_check CHECK (char_length(display_name) BETWEEN 1 AND 100),
    CONSTRAINT user_profiles_version_check CHECK (version >= 1)
) WITH (fillfactor = 90);

CREATE INDEX user_profiles_created_at_idx ON user_profiles (created_at, id);
CREATE INDEX user_profiles_name_key_idx ON user_profiles (name_key, id);
