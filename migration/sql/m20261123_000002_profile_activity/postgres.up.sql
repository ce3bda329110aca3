-- What moves often, kept off the profile's row.
CREATE TABLE user_profile_activity (
    profile_id     uuid        NOT NULL,
    last_login_at  timestamptz,
    CONSTRAINT user_profile_activity_pkey PRIMARY KEY (profile_id),
    CONSTRAINT user_profile_activity_profile_id_fkey
        FOREIGN KEY (profile_id) REFERENCES user_profiles (id) ON DELETE CASCADE
) WITH (fillfactor = 70);
