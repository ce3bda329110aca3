-- How a person wants to be served. Custom settings stay as they were written.
CREATE TABLE user_preferences (
    id                      uuid NOT NULL,
    profile_id              uuid NOT NULL,
    language                varchar(35) NOT NULL,
    timezone                varchar(64) NOT NULL,
    theme                   varchar(10) NOT NULL,
    date_format             varchar(20) NOT NULL,
    time_format             varchar(10) NOT NULL,
    email_notifications     boolean NOT NULL,
    push_notifications      boolean NOT NULL,
    sms_notifications       boolean NOT NULL,
    newsletter              boolean NOT NULL,
    marketing               boolean NOT NULL,
    custom_settings         json,
    version                 bigint NOT NULL,
    created_at              timestamptz NOT NULL,
    updated_at              timestamptz NOT NULL,
    CONSTRAINT user_preferences_pkey PRIMARY KEY (id),
    CONSTRAINT user_preferences_profile_id_key UNIQUE (profile_id),
    CONSTRAINT user_preferences_profile_id_fkey
        FOREIGN KEY (profile_id) REFERENCES user_profiles (id) ON DELETE CASCADE,
    CONSTRAINT user_preferences_theme_check CHECK (theme IN ('light', 'dark', 'auto')),
    CONSTRAINT user_preferences_date_format_check CHECK (
        date_format IN ('YYYY-MM-DD', 'DD/MM/YYYY', 'MM/DD/YYYY', 'DD.MM.YYYY', 'YYYY/MM/DD', 'D MMM YYYY', 'MMM D, YYYY')
    ),
    CONSTRAINT user_preferences_time_format_check CHECK (time_format IN ('12h', '24h')),
    CONSTRAINT user_preferences_version_check CHECK (version >= 1)
) WITH (fillfactor = 90);
