//! From an account to a JSON object.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use user_service_domain::bulk::StoredAccount;
use user_service_domain::preferences::{CustomSettings, Preferences};
use user_service_domain::profile::{Bio, Location, PhoneNumber, Website};
use uuid::Uuid;

/// Adds the account as a line, with its end. The same account gives the same bytes.
pub fn write(account: &StoredAccount, to: &mut Vec<u8>) {
    // Writing what is in memory to memory cannot fail.
    serde_json::to_writer(&mut *to, &Line::of(account)).ok();
    to.push(b'\n');
}

/// A user, the members in the order in which they are written.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) display_name: &'a str,
    pub(crate) bio: Option<&'a str>,
    pub(crate) avatar: Option<AvatarPart<'a>>,
    pub(crate) avatar_url: Option<&'a str>,
    pub(crate) location: Option<&'a str>,
    pub(crate) website: Option<&'a str>,
    pub(crate) phone_number: Option<&'a str>,
    pub(crate) is_verified: bool,
    pub(crate) is_active: bool,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    pub(crate) last_login_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preferences: Option<PreferencesPart<'a>>,
}

/// An avatar.
#[derive(Serialize)]
pub(crate) struct AvatarPart<'a> {
    pub(crate) id: Uuid,
    pub(crate) digest: String,
    pub(crate) fallback: &'static str,
    pub(crate) thumbhash: &'a str,
}

/// Preferences.
#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "five independent consents of the contract"
)]
pub(crate) struct PreferencesPart<'a> {
    pub(crate) id: Uuid,
    pub(crate) language: &'a str,
    pub(crate) timezone: &'a str,
    pub(crate) theme: &'static str,
    pub(crate) date_format: &'static str,
    pub(crate) time_format: &'static str,
    pub(crate) email_notifications: bool,
    pub(crate) push_notifications: bool,
    pub(crate) sms_notifications: bool,
    pub(crate) newsletter: bool,
    pub(crate) marketing: bool,
    pub(crate) custom_settings: Option<&'a Map<String, Value>>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// RFC 3339 in UTC with six decimals and `Z`.
fn moment(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl<'a> Line<'a> {
    /// Of an account.
    pub(crate) fn of(account: &'a StoredAccount) -> Self {
        let profile = &account.profile;
        Self {
            id: profile.id.get(),
            user_id: profile.user_id.get(),
            display_name: profile.display_name.as_str(),
            bio: profile.bio.as_ref().map(Bio::as_str),
            avatar: profile.avatar.as_ref().map(|avatar| AvatarPart {
                id: avatar.id.get(),
                digest: avatar.digest.to_string(),
                fallback: avatar.fallback.as_str(),
                thumbhash: avatar.thumbhash.as_str(),
            }),
            avatar_url: profile.avatar_url.as_deref(),
            location: profile.location.as_ref().map(Location::as_str),
            website: profile.website.as_ref().map(Website::as_str),
            phone_number: profile.phone_number.as_ref().map(PhoneNumber::as_str),
            is_verified: profile.is_verified,
            is_active: profile.is_active,
            created_at: moment(profile.created_at),
            updated_at: moment(profile.updated_at),
            last_login_at: profile.last_login_at.map(moment),
            preferences: account.preferences.as_ref().map(PreferencesPart::of),
        }
    }
}

impl<'a> PreferencesPart<'a> {
    fn of(of: &'a Preferences) -> Self {
        Self {
            id: of.id.get(),
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
            custom_settings: of.custom_settings.as_ref().map(CustomSettings::as_map),
            created_at: moment(of.created_at),
            updated_at: moment(of.updated_at),
        }
    }
}
