//! Preferences as they are written.

use serde::Serialize;
use serde_json::{Map, Value};
use user_service_domain::preferences::Preferences;
use utoipa::ToSchema;
use uuid::Uuid;

use super::schemas;
use crate::http::timestamp::Timestamp;

/// A person's preferences.
#[derive(Serialize, ToSchema)]
#[schema(as = Preferences)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "five independent consents of the contract"
)]
pub(crate) struct PreferencesBody<'a> {
    /// Their own key.
    id: Uuid,
    /// Whose they are.
    profile_id: Uuid,
    /// A BCP 47 tag in canonical form.
    #[schema(value_type = String, example = "pt-BR", max_length = 35)]
    language: &'a str,
    /// A name of the IANA time-zone database.
    #[schema(value_type = String, example = "Europe/Lisbon")]
    timezone: &'a str,
    #[schema(schema_with = schemas::theme)]
    theme: &'a str,
    #[schema(schema_with = schemas::date_format)]
    date_format: &'a str,
    #[schema(schema_with = schemas::time_format)]
    time_format: &'a str,
    /// Consent to notifications by e-mail.
    email_notifications: bool,
    /// Consent to push notifications.
    push_notifications: bool,
    /// Consent to notifications by SMS.
    sms_notifications: bool,
    /// Consent to the newsletter.
    newsletter: bool,
    /// Consent to marketing.
    marketing: bool,
    /// What products keep for themselves.
    #[schema(value_type = Option<schemas::CustomSettings>, required = true)]
    custom_settings: Option<&'a Map<String, Value>>,
    /// When they came to be.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When they last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl<'a> PreferencesBody<'a> {
    /// Of these.
    pub(crate) fn new(of: &'a Preferences) -> Self {
        Self {
            id: of.id.get(),
            profile_id: of.profile_id.get(),
            language: of.language.as_str(),
            timezone: of.timezone.as_str(),
            theme: of.theme.as_str(),
            date_format: of.date_format.as_str(),
            time_format: of.time_format.as_str(),
            email_notifications: of.email_notifications,
            push_notifications: of.push_notifications,
            sms_notifications: of.sms_notifications,
            newsletter: of.newsletter,
            marketing: of.marketing,
            custom_settings: of
                .custom_settings
                .as_ref()
                .map(user_service_domain::preferences::CustomSettings::as_map),
            created_at: Timestamp(of.created_at),
            updated_at: Timestamp(of.updated_at),
        }
    }
}
