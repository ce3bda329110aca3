-- How a person wants to be served. Custom settings stay as they were written.
CREATE TABLE user_preferences (
    id                      BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    profile_id              BLOB NOT NULL UNIQUE REFERENCES user_profiles (id) ON DELETE CASCADE,
    language                TEXT NOT NULL CHECK (length(language) <= 35),
    timezone                TEXT NOT NULL CHECK (length(timezone) <= 64),
    theme                   TEXT NOT NULL CHECK (theme IN ('light', 'dark', 'auto')),
    date_format             TEXT NOT NULL CHECK (
        date_format IN ('YYYY-MM-DD', 'DD/MM/YYYY', 'MM/DD/YYYY', 'DD.MM.YYYY', 'YYYY/MM/DD', 'D MMM YYYY', 'MMM D, YYYY')
    ),
    time_format             TEXT NOT NULL CHECK (time_format IN ('12h', '24h')),
    email_notifications     INTEGER NOT NULL CHECK (email_notifications IN (0, 1)),
    push_notifications      INTEGER NOT NULL CHECK (push_notifications IN (0, 1)),
    sms_notifications       INTEGER NOT NULL CHECK (sms_notifications IN (0, 1)),
    newsletter              INTEGER NOT NULL CHECK (newsletter IN (0, 1)),
    marketing               INTEGER NOT NULL CHECK (marketing IN (0, 1)),
    custom_settings         TEXT CHECK (json_valid(custom_settings)),
    version                 INTEGER NOT NULL CHECK (version >= 1),
    created_at              TEXT NOT NULL,
    updated_at              TEXT NOT NULL
) STRICT;
