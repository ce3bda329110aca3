//! From a JSON object to a record.

use chrono::{DateTime, Datelike, Utc};
use serde_json::{Map, Value};
use user_service_domain::avatar::{Avatar, AvatarDigest, PictureFormat, Thumbhash};
use user_service_domain::bulk::{MemberFault, PreferencesRecord, UserRecord, parse_avatar_url};
use user_service_domain::fault::{Fault, FaultCode};
use user_service_domain::ids::{AvatarId, PreferencesId, ProfileId, UserId};
use user_service_domain::preferences::{
    CustomSettings, DateFormat, Language, PreferencesPatch, Theme, TimeFormat, TimeZone,
};
use user_service_domain::profile::{
    Bio, DisplayName, Location, PhoneNumber, ProfilePatch, Website,
};

use crate::members::{Members, boolean, object, text, uuid};

/// The record of a line, or every fault of it.
pub fn parse(line: &[u8]) -> Result<UserRecord, Vec<MemberFault>> {
    let whole = |code, message| Err(vec![MemberFault::new("", Fault::new(code, message))]);
    match serde_json::from_slice(line) {
        Ok(Value::Object(members)) => user(members),
        Ok(_) => whole(FaultCode::NotAnObject, "must be an object"),
        Err(_) => whole(
            FaultCode::MalformedJson,
            "must be one well-formed JSON object in UTF-8",
        ),
    }
}

/// A moment (RFC 3339) from 1970 to 9999, cut to microseconds. Fault: `not_a_time`.
pub fn parse_moment(text: &str) -> Result<DateTime<Utc>, Fault> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        // By way of a number, for a leap second is none that engines keep.
        .and_then(|time| DateTime::from_timestamp_micros(time.timestamp_micros()))
        .filter(|time| (1970..=9999).contains(&time.year()))
        .ok_or_else(|| {
            Fault::new(
                FaultCode::NotATime,
                "must be a time by RFC 3339 from 1970 to 9999, such as 2026-01-31T12:00:00Z",
            )
        })
}

/// The record of an object, or every fault of it.
pub(crate) fn user(members: Map<String, Value>) -> Result<UserRecord, Vec<MemberFault>> {
    let mut m = Members::new("", members);
    let user_id = m.required("user_id", text(uuid)).map(UserId::new);
    let id = m.optional("id", text(uuid)).map(ProfileId::new);
    let profile = ProfilePatch {
        display_name: m.optional("display_name", text(DisplayName::parse)),
        bio: m.nullable("bio", text(Bio::parse)),
        location: m.nullable("location", text(Location::parse)),
        website: m.nullable("website", text(Website::parse)),
        phone_number: m.nullable("phone_number", text(PhoneNumber::parse)),
        is_verified: m.optional("is_verified", boolean),
        is_active: m.optional("is_active", boolean),
    };
    let avatar = m.nested("/avatar", avatar);
    let avatar_url = m.nullable("avatar_url", text(parse_avatar_url));
    let created_at = m.optional("created_at", text(parse_moment));
    let updated_at = m.optional("updated_at", text(parse_moment));
    let last_login_at = m.nullable("last_login_at", text(parse_moment));
    let preferences = m.nested("/preferences", |m| Some(preferences(m)));
    let faults = m.finish();
    match user_id {
        Some(user_id) if faults.is_empty() => Ok(UserRecord {
            user_id,
            id,
            profile,
            avatar,
            avatar_url,
            created_at,
            updated_at,
            last_login_at,
            preferences: preferences.flatten(),
        }),
        _ => Err(faults),
    }
}

fn avatar(m: &mut Members) -> Option<Avatar> {
    let id = m.required("id", text(uuid));
    let digest = m.required("digest", text(digest));
    let fallback = m.required("fallback", text(fallback));
    let thumbhash = m.required("thumbhash", text(thumbhash));
    Some(Avatar {
        id: AvatarId::new(id?),
        digest: digest?,
        fallback: fallback?,
        thumbhash: thumbhash?,
    })
}

/// 32 hexadecimal digits.
fn digest(text: &str) -> Result<AvatarDigest, Fault> {
    let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok().filter(|_| is_hex);
    let digest = number.map(|number| AvatarDigest(number.to_be_bytes()));
    digest.ok_or_else(|| Fault::new(FaultCode::NotADigest, "must be 32 hexadecimal digits"))
}

fn fallback(text: &str) -> Result<PictureFormat, Fault> {
    PictureFormat::named(text)
        .filter(|format| *format != PictureFormat::Webp)
        .ok_or_else(|| Fault::new(FaultCode::NotAChoice, "must be one of `jpeg`, `png`"))
}

/// Base64 (RFC 4648 section 4).
fn thumbhash(text: &str) -> Result<Thumbhash, Fault> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    if (1..=Thumbhash::MAX).contains(&text.len()) && text.bytes().all(is_base64) {
        return Ok(Thumbhash::new(text.to_owned()));
    }
    Err(Fault::new(
        FaultCode::NotAThumbhash,
        "must be at most 36 characters of base64",
    ))
}

fn preferences(m: &mut Members) -> PreferencesRecord {
    PreferencesRecord {
        id: m.optional("id", text(uuid)).map(PreferencesId::new),
        choices: PreferencesPatch {
            language: m.optional("language", text(Language::parse)),
            timezone: m.optional("timezone", text(TimeZone::parse)),
            theme: m.optional("theme", text(Theme::parse)),
            date_format: m.optional("date_format", text(DateFormat::parse)),
            time_format: m.optional("time_format", text(TimeFormat::parse)),
            email_notifications: m.optional("email_notifications", boolean),
            push_notifications: m.optional("push_notifications", boolean),
            sms_notifications: m.optional("sms_notifications", boolean),
            newsletter: m.optional("newsletter", boolean),
            marketing: m.optional("marketing", boolean),
            custom_settings: None,
        },
        custom_settings: m.nullable("custom_settings", |value| {
            CustomSettings::parse(object(value)?)
        }),
        created_at: m.optional("created_at", text(parse_moment)),
        updated_at: m.optional("updated_at", text(parse_moment)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(line: &str) -> Vec<(String, &'static str)> {
        let faults = parse(line.as_bytes()).unwrap_err();
        faults
            .into_iter()
            .map(|fault| (fault.pointer, fault.fault.code.as_str()))
            .collect()
    }

    #[test]
    fn every_fault_of_a_line_is_named() {
        let line = r#"{"user_id":"x","display_name":"","website":"ftp://a","is_active":1,"created_at":"yesterday",
            "nick/name":1,"avatar":{"id":"y","digest":"zz"},"preferences":{"theme":"pink","language":"!","a~b":2}}"#;
        let expected = [
            ("/user_id", "not_a_uuid"),
            ("/display_name", "blank"),
            ("/website", "not_a_url"),
            ("/is_active", "not_a_boolean"),
            ("/avatar/id", "not_a_uuid"),
            ("/avatar/digest", "not_a_digest"),
            ("/avatar/fallback", "missing"),
            ("/avatar/thumbhash", "missing"),
            ("/created_at", "not_a_time"),
            ("/preferences/language", "not_a_language_tag"),
            ("/preferences/theme", "not_a_choice"),
            ("/preferences/a~0b", "unknown_member"),
            ("/nick~1name", "unknown_member"),
        ];
        let found = faults(line);
        let found: Vec<_> = found
            .iter()
            .map(|(at, code)| (at.as_str(), *code))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_object_is_a_fault_of_the_line() {
        for (line, code) in [
            ("", "malformed_json"),
            ("{", "malformed_json"),
            ("{} {}", "malformed_json"),
            ("[]", "not_an_object"),
            ("{}", "missing"),
        ] {
            assert_eq!(faults(line)[0].1, code, "{line}");
        }
        assert_eq!(
            parse(b"{\"user_id\":\"\xff\"}").unwrap_err()[0]
                .fault
                .code
                .as_str(),
            "malformed_json"
        );
    }

    #[test]
    fn moments_are_those_that_every_engine_keeps() {
        let micros = |text: &str| parse_moment(text).map(|time| time.timestamp_micros());
        assert_eq!(micros("1970-01-01T00:00:00.0000019Z"), Ok(1));
        assert_eq!(
            micros("2026-01-01T01:00:00+01:00"),
            Ok(1_767_225_600_000_000)
        );
        assert_eq!(
            micros("2016-12-31T23:59:60Z"),
            micros("2017-01-01T00:00:00Z")
        );
        for bad in [
            "1969-12-31T23:59:59Z",
            "2026-01-01",
            "2026-01-01 00:00:00",
            "10000-01-01T00:00:00Z",
            "",
        ] {
            assert_eq!(
                parse_moment(bad).unwrap_err().code.as_str(),
                "not_a_time",
                "{bad}"
            );
        }
    }
}
