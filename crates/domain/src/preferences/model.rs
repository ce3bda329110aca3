//! Preferences and what may change in them.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{CustomSettings, DateFormat, Language, Theme, TimeFormat, TimeZone};
use crate::fault::Fault;
use crate::ids::{PreferencesId, ProfileId};

/// A person's preferences.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "five independent consents of the contract"
)]
pub struct Preferences {
    /// Their own key.
    pub id: PreferencesId,
    /// Whose they are; one set each.
    pub profile_id: ProfileId,
    /// The language to speak.
    pub language: Language,
    /// The zone to show times in.
    pub timezone: TimeZone,
    /// Light or dark.
    pub theme: Theme,
    /// How dates are written.
    pub date_format: DateFormat,
    /// How times are written.
    pub time_format: TimeFormat,
    /// Consent to notifications by e-mail.
    pub email_notifications: bool,
    /// Consent to push notifications.
    pub push_notifications: bool,
    /// Consent to notifications by SMS.
    pub sms_notifications: bool,
    /// Consent to the newsletter.
    pub newsletter: bool,
    /// Consent to marketing.
    pub marketing: bool,
    /// What products keep for themselves.
    pub custom_settings: Option<CustomSettings>,
    /// Counts changes, from 1.
    pub version: i64,
    /// When they came to be.
    pub created_at: DateTime<Utc>,
    /// When they last changed.
    pub updated_at: DateTime<Utc>,
}

impl Preferences {
    /// The defaults of the contract, section 3.
    pub fn defaults(id: PreferencesId, profile_id: ProfileId, now: DateTime<Utc>) -> Self {
        Self {
            id,
            profile_id,
            language: Language::default(),
            timezone: TimeZone::default(),
            theme: Theme::default(),
            date_format: DateFormat::default(),
            time_format: TimeFormat::default(),
            email_notifications: true,
            push_notifications: true,
            sms_notifications: false,
            newsletter: false,
            marketing: false,
            custom_settings: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// A change of preferences (RFC 7396): `None` leaves a member as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PreferencesPatch {
    /// The new language.
    pub language: Option<Language>,
    /// The new zone.
    pub timezone: Option<TimeZone>,
    /// The new theme.
    pub theme: Option<Theme>,
    /// The new way to write dates.
    pub date_format: Option<DateFormat>,
    /// The new way to write times.
    pub time_format: Option<TimeFormat>,
    /// The new consent to e-mail.
    pub email_notifications: Option<bool>,
    /// The new consent to push.
    pub push_notifications: Option<bool>,
    /// The new consent to SMS.
    pub sms_notifications: Option<bool>,
    /// The new consent to the newsletter.
    pub newsletter: Option<bool>,
    /// The new consent to marketing.
    pub marketing: Option<bool>,
    /// `Some(None)` clears the settings, `Some(Some(_))` merges into them.
    pub custom_settings: Option<Option<Map<String, Value>>>,
}

impl PreferencesPatch {
    /// Applies the patch. Answers whether anything changed; `version` and `updated_at` move only then.
    /// A fault is one of `custom_settings` as merged: [`CustomSettings::merge`].
    pub fn apply(self, to: &mut Preferences, now: DateTime<Utc>) -> Result<bool, Fault> {
        let before = to.clone();
        if let Some(patch) = self.custom_settings {
            to.custom_settings = match patch {
                None => None,
                Some(patch) => Some(CustomSettings::merge(to.custom_settings.as_ref(), &patch)?),
            };
        }
        macro_rules! set {
            ($($field:ident),+) => { $(if let Some(value) = self.$field { to.$field = value; })+ };
        }
        set!(language, timezone, theme, date_format, time_format);
        set!(
            email_notifications,
            push_notifications,
            sms_notifications,
            newsletter,
            marketing
        );
        let changed = *to != before;
        if changed {
            to.version += 1;
            to.updated_at = now.max(to.updated_at);
        }
        Ok(changed)
    }
}
