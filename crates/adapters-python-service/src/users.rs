//! From a profile and its preferences to a record.

use serde_json::Value;
use user_service_domain::bulk::{MemberFault, PreferencesRecord, UserRecord, parse_avatar_url};
use user_service_domain::fault::{Fault, FaultCode};
use user_service_domain::ids::{PreferencesId, ProfileId, UserId};
use user_service_domain::preferences::{
    CustomSettings, DateFormat, Language, PreferencesPatch, Theme, TimeFormat, TimeZone,
};
use user_service_domain::profile::{
    Bio, DisplayName, Location, PhoneNumber, ProfilePatch, Website,
};

use crate::mend::{Mended, fitting};
use crate::row::{Texts, flag, moment, uuid};

/// A user of the Python service.
#[derive(Clone, Debug, PartialEq)]
pub struct FormerUser {
    /// The id of the profile, as it stands there.
    pub id: String,
    /// What is taken over of them, or why nothing is.
    pub record: Result<UserRecord, Vec<MemberFault>>,
    /// What could not be taken over as it was: it is left out, has its default, or was cut.
    pub mended: Vec<MemberFault>,
}

impl FormerUser {
    /// Of a row of `TextType::users`.
    pub(crate) fn read(texts: Vec<Option<String>>) -> Self {
        let mut texts = Texts::of(texts);
        let [
            id,
            user_id,
            name,
            bio,
            avatar_url,
            location,
            website,
            phone,
            created_at,
            updated_at,
            last_login_at,
        ] = texts.take();
        let [is_verified, is_active] = texts.take();
        let mut mended = Mended::default();
        let mut faults = Vec::new();
        let shown = id.clone().unwrap_or_default().chars().take(64).collect();
        let id = required("/id", id.as_deref(), &mut faults).map(ProfileId::new);
        let user_id = required("/user_id", user_id.as_deref(), &mut faults).map(UserId::new);
        let display_name = name_of(name, &mut mended, &mut faults);
        let not_empty = |text: Option<String>| text.filter(|text| !text.is_empty());
        let mut time = |pointer, text| mended.or_none(pointer, text, time);
        let created_at = time("/created_at", created_at);
        let updated_at = time("/updated_at", updated_at);
        let last_login_at = time("/last_login_at", last_login_at);
        let profile = ProfilePatch {
            display_name,
            bio: Some(mended.or_else("/bio", bio, Bio::parse, |text| {
                fitting(text, Bio::MAX, Bio::parse)
            })),
            location: Some(
                mended.or_else("/location", location, Location::parse, |text| {
                    fitting(text, Location::MAX, Location::parse)
                }),
            ),
            website: Some(
                mended.or_else("/website", not_empty(website), Website::parse, |text| {
                    Website::parse(&format!("https://{}", text.trim())).ok()
                }),
            ),
            phone_number: Some(mended.or_none(
                "/phone_number",
                not_empty(phone),
                PhoneNumber::parse,
            )),
            is_verified: Some(flag(is_verified).unwrap_or(false)),
            is_active: Some(flag(is_active).unwrap_or(true)),
        };
        let avatar_url = mended.or_none("/avatar_url", not_empty(avatar_url), parse_avatar_url);
        let preferences = preferences(&mut texts, &mut mended);
        let record = match (id, user_id) {
            (Some(id), Some(user_id)) if faults.is_empty() => Ok(UserRecord {
                id: Some(id),
                profile,
                avatar_url: Some(avatar_url),
                created_at,
                updated_at: updated_at.or(created_at),
                last_login_at: Some(last_login_at),
                preferences,
                ..UserRecord::of(user_id)
            }),
            _ => Err(faults),
        };
        Self {
            id: shown,
            record,
            mended: mended.0,
        }
    }
}

fn required(
    pointer: &str,
    text: Option<&str>,
    faults: &mut Vec<MemberFault>,
) -> Option<uuid::Uuid> {
    let id = text.and_then(uuid);
    if id.is_none() {
        faults.push(MemberFault::new(
            pointer,
            Fault::new(FaultCode::NotAUuid, "must be a UUID"),
        ));
    }
    id
}

fn name_of(
    name: Option<String>,
    mended: &mut Mended,
    faults: &mut Vec<MemberFault>,
) -> Option<DisplayName> {
    let name = name.unwrap_or_default();
    match DisplayName::parse(&name) {
        Ok(name) => Some(name),
        Err(fault) => {
            let fit = fitting(&name, DisplayName::MAX, DisplayName::parse);
            let fault = MemberFault::new("/display_name", fault);
            if fit.is_some() {
                mended.0.push(fault);
            } else {
                faults.push(fault);
            }
            fit
        }
    }
}

fn time(text: &str) -> Result<chrono::DateTime<chrono::Utc>, Fault> {
    moment(text).ok_or_else(|| Fault::new(FaultCode::NotATime, "must be a time from 1970 to 9999"))
}

/// `None` where the profile has none.
fn preferences(texts: &mut Texts, mended: &mut Mended) -> Option<PreferencesRecord> {
    let [
        id,
        language,
        timezone,
        theme,
        date_format,
        time_format,
        settings,
        created_at,
        updated_at,
    ] = texts.take();
    let [email, push, sms, newsletter, marketing] = texts.take();
    let id = id?;
    let id = uuid(&id).map(PreferencesId::new).or_else(|| {
        mended.note(
            "/preferences/id",
            Fault::new(FaultCode::NotAUuid, "must be a UUID"),
        );
        None
    });
    let settings = mended.or_none("/preferences/custom_settings", settings, custom_settings);
    let created_at = mended.or_none("/preferences/created_at", created_at, time);
    let updated_at = mended.or_none("/preferences/updated_at", updated_at, time);
    Some(PreferencesRecord {
        id,
        choices: PreferencesPatch {
            language: mended.or_else("/preferences/language", language, Language::parse, |text| {
                Language::parse(&text.replace('_', "-")).ok()
            }),
            timezone: mended.or_none("/preferences/timezone", timezone, TimeZone::parse),
            theme: mended.or_none("/preferences/theme", theme, Theme::parse),
            date_format: mended.or_none("/preferences/date_format", date_format, DateFormat::parse),
            time_format: mended.or_none("/preferences/time_format", time_format, TimeFormat::parse),
            email_notifications: flag(email),
            push_notifications: flag(push),
            sms_notifications: flag(sms),
            newsletter: flag(newsletter),
            marketing: flag(marketing),
            custom_settings: None,
        },
        custom_settings: Some(settings.flatten()),
        created_at,
        updated_at: updated_at.or(created_at),
    })
}

/// `SQLAlchemy` writes a `None` in a JSON column as `null`.
fn custom_settings(text: &str) -> Result<Option<CustomSettings>, Fault> {
    match serde_json::from_str(text) {
        Ok(Value::Null) => Ok(None),
        Ok(Value::Object(object)) => CustomSettings::parse(object).map(Some),
        Ok(_) | Err(_) => Err(Fault::new(FaultCode::NotAnObject, "must be an object")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{PREFERENCES_FLAGS, PREFERENCES_TEXTS, PROFILE_FLAGS, PROFILE_TEXTS};

    /// A row with these columns; profile's as `name`, those of preferences as `f.name`.
    fn row(given: &[(&str, &str)]) -> FormerUser {
        let of = |prefix: &str, columns: &[&str]| -> Vec<Option<String>> {
            let text = |column: &&str| {
                let name = format!("{prefix}{column}");
                given
                    .iter()
                    .find(|(given, _)| *given == name)
                    .map(|(_, text)| (*text).to_owned())
            };
            columns.iter().map(text).collect()
        };
        let texts = [
            of("", &PROFILE_TEXTS),
            of("", &PROFILE_FLAGS),
            of("f.", &PREFERENCES_TEXTS),
            of("f.", &PREFERENCES_FLAGS),
        ];
        FormerUser::read(texts.concat())
    }

    const ID: (&str, &str) = ("id", "01900000-0000-7000-8000-000000000001");
    const USER: (&str, &str) = ("user_id", "01900000000070008000000000000002");
    const NAME: (&str, &str) = ("display_name", "Ana");

    fn mended(user: &FormerUser) -> Vec<(&str, &str)> {
        user.mended
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.fault.code.as_str()))
            .collect()
    }

    #[test]
    fn a_plain_row_is_taken_over_as_it_is() {
        let user = row(&[
            ID,
            USER,
            NAME,
            ("is_active", "false"),
            ("created_at", "2026-01-01 00:00:00.5"),
            ("website", ""),
        ]);
        assert_eq!(user.mended, []);
        let record = user.record.unwrap();
        assert_eq!(record.profile.is_active, Some(false));
        assert_eq!(record.updated_at, record.created_at);
        assert_eq!(record.profile.website, Some(None));
        assert_eq!(record.preferences, None);
    }

    #[test]
    fn who_has_no_name_or_id_is_not_taken_over() {
        let user = row(&[("id", "7"), USER, ("display_name", " ")]);
        let faults = user.record.unwrap_err();
        let faults: Vec<_> = faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.fault.code.as_str()))
            .collect();
        assert_eq!(faults, [("/id", "not_a_uuid"), ("/display_name", "blank")]);
        assert_eq!(user.id, "7");
    }

    #[test]
    fn what_breaks_a_rule_is_mended_or_left_out() {
        let long = "x".repeat(600);
        let user = row(&[
            ID,
            USER,
            ("display_name", &long),
            ("bio", &long),
            ("website", "example.com"),
            ("phone_number", "020 7183 8750"),
            ("avatar_url", "a.png"),
            ("last_login_at", "never"),
            ("f.id", "1"),
            ("f.language", "pt_br"),
            ("f.timezone", "GMT+2"),
            ("f.theme", "pink"),
            ("f.custom_settings", "[1]"),
            ("f.newsletter", "true"),
        ]);
        let record = user.record.clone().unwrap();
        assert_eq!(record.profile.display_name.unwrap().as_str().len(), 100);
        assert_eq!(record.profile.bio.unwrap().unwrap().as_str().len(), 500);
        assert_eq!(
            record.profile.website.unwrap().unwrap().as_str(),
            "https://example.com"
        );
        assert_eq!(record.profile.phone_number, Some(None));
        let preferences = record.preferences.unwrap();
        assert_eq!(preferences.choices.language.unwrap().as_str(), "pt-BR");
        assert_eq!(
            (preferences.choices.theme, preferences.choices.newsletter),
            (None, Some(true))
        );
        let expected = [
            ("/display_name", "too_long"),
            ("/last_login_at", "not_a_time"),
            ("/bio", "too_long"),
            ("/website", "not_a_url"),
            ("/phone_number", "not_a_phone_number"),
            ("/avatar_url", "not_a_url"),
            ("/preferences/id", "not_a_uuid"),
            ("/preferences/custom_settings", "not_an_object"),
            ("/preferences/language", "not_a_language_tag"),
            ("/preferences/timezone", "not_a_time_zone"),
            ("/preferences/theme", "not_a_choice"),
        ];
        assert_eq!(mended(&user), expected);
    }
}
