-- What moves often, kept off the profile's row.
CREATE TABLE IF NOT EXISTS user_profile_activity (
    profile_id     binary(16)  NOT NULL,
    last_login_at  datetime(6),
    PRIMARY KEY (profile_id),
    CONSTRAINT user_profile_activity_profile_id_fkey
        FOREIGN KEY (profile_id) REFERENCES user_profiles (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE {collation};
