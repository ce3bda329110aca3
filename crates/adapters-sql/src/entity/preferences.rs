//! `user_preferences`

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{DbBackend, DbErr, DeriveIden, JsonValue};
use user_service_domain::fault::Fault;
use user_service_domain::ids::{PreferencesId, ProfileId};
use user_service_domain::preferences::{
    CustomSettings, DateFormat, Language, Preferences, Theme, TimeFormat, TimeZone,
};

use super::{Columns, unreadable};

#[derive(Clone, Copy, DeriveIden)]
pub(crate) enum UserPreferences {
    Table,
    Id,
    ProfileId,
    Language,
    Timezone,
    Theme,
    DateFormat,
    TimeFormat,
    EmailNotifications,
    PushNotifications,
    SmsNotifications,
    Newsletter,
    Marketing,
    CustomSettings,
    Version,
    CreatedAt,
    UpdatedAt,
}

use UserPreferences as C;

/// What a read selects.
pub(crate) const READ: [UserPreferences; 16] = [
    C::Id,
    C::ProfileId,
    C::Language,
    C::Timezone,
    C::Theme,
    C::DateFormat,
    C::TimeFormat,
    C::EmailNotifications,
    C::PushNotifications,
    C::SmsNotifications,
    C::Newsletter,
    C::Marketing,
    C::CustomSettings,
    C::Version,
    C::CreatedAt,
    C::UpdatedAt,
];

/// Reads [`READ`].
pub(crate) fn read(row: &mut Columns<'_>) -> Result<Preferences, DbErr> {
    let id = row.take()?;
    rest(row, PreferencesId::new(id))
}

/// Reads [`READ`] of an outer join: without preferences every column is NULL.
pub(crate) fn read_joined(row: &mut Columns<'_>) -> Result<Option<Preferences>, DbErr> {
    let id: Option<_> = row.take()?;
    id.map(|id| rest(row, PreferencesId::new(id))).transpose()
}

fn rest(row: &mut Columns<'_>, id: PreferencesId) -> Result<Preferences, DbErr> {
    Ok(Preferences {
        id,
        profile_id: ProfileId::new(row.take()?),
        language: Language::stored(row.take()?),
        timezone: TimeZone::stored(row.take()?),
        theme: choice(row, Theme::parse, "theme")?,
        date_format: choice(row, DateFormat::parse, "date_format")?,
        time_format: choice(row, TimeFormat::parse, "time_format")?,
        email_notifications: row.take()?,
        push_notifications: row.take()?,
        sms_notifications: row.take()?,
        newsletter: row.take()?,
        marketing: row.take()?,
        custom_settings: settings(row.take()?)?,
        version: row.take()?,
        created_at: row.take()?,
        updated_at: row.take()?,
    })
}

fn choice<T>(
    row: &mut Columns<'_>,
    parse: fn(&str) -> Result<T, Fault>,
    column: &str,
) -> Result<T, DbErr> {
    parse(&row.take::<String>()?).map_err(|_| unreadable(column))
}

fn settings(value: Option<JsonValue>) -> Result<Option<CustomSettings>, DbErr> {
    match value {
        None | Some(JsonValue::Null) => Ok(None),
        Some(JsonValue::Object(object)) => Ok(Some(CustomSettings::stored(object))),
        Some(_) => Err(unreadable("custom_settings")),
    }
}

/// What an update may change.
pub(crate) fn changeable(
    backend: DbBackend,
    preferences: &Preferences,
) -> Result<[(UserPreferences, Expr); 13], serde_json::Error> {
    let settings = preferences.custom_settings.as_ref();
    let settings = settings
        .map(|settings| serde_json::to_string(settings.as_map()))
        .transpose()?;
    let mut settings = Expr::val(settings);
    if backend == DbBackend::Postgres {
        // As text, for a JSON parameter would pass through jsonb, which rewrites it.
        settings = settings.cast_as("json");
    }
    Ok([
        (C::Language, Expr::val(preferences.language.as_str())),
        (C::Timezone, Expr::val(preferences.timezone.as_str())),
        (C::Theme, Expr::val(preferences.theme.as_str())),
        (C::DateFormat, Expr::val(preferences.date_format.as_str())),
        (C::TimeFormat, Expr::val(preferences.time_format.as_str())),
        (
            C::EmailNotifications,
            Expr::val(preferences.email_notifications),
        ),
        (
            C::PushNotifications,
            Expr::val(preferences.push_notifications),
        ),
        (
            C::SmsNotifications,
            Expr::val(preferences.sms_notifications),
        ),
        (C::Newsletter, Expr::val(preferences.newsletter)),
        (C::Marketing, Expr::val(preferences.marketing)),
        (C::CustomSettings, settings),
        (C::Version, Expr::val(preferences.version)),
        (C::UpdatedAt, Expr::val(preferences.updated_at)),
    ])
}

/// What only an insert writes.
pub(crate) fn fixed(preferences: &Preferences) -> [(UserPreferences, Expr); 3] {
    [
        (C::Id, Expr::val(preferences.id.get())),
        (C::ProfileId, Expr::val(preferences.profile_id.get())),
        (C::CreatedAt, Expr::val(preferences.created_at)),
    ]
}
