-- One row per person. Times are UTC to the microsecond and, like ids, come from the service.
CREATE TABLE IF NOT EXISTS user_profiles (
    id            binary(16)   NOT NULL,
    user_id       binary(16)   NOT NULL,
    display_name  varchar(100) NOT NULL,
    -- The folded name, compared byte by byte: the order of lists.
    name_key      varchar(100) NOT NULL,
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
    created_at    datetime(6)  NOT NULL,
    updated_at    datetime(6)  NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT user_profiles_user_id_key UNIQUE (user_id),
    INDEX user_profiles_created_at_idx (created_at, id),
    INDEX user_profiles_name_key_idx (name_key, id),
    CONSTRAINT user_profiles_display_name_check CHECK (char_length(display_name) BETWEEN 1 AND 100),
    CONSTRAINT user_profiles_version_check CHECK (version >= 1)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
