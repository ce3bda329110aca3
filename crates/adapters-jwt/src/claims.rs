//! What a token claims.

use chrono::{DateTime, Datelike, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Deserializer};
use user_service_domain::identity::AboutPerson;
use user_service_domain::session::SessionToken;
use uuid::Uuid;

/// Claims as they are read. A registered claim (RFC 7519 section 4.1) of a wrong type makes the token malformed, and
/// so does one that is given twice; a claim about the person (`OpenID` Connect Core section 5.1) of a wrong type is
/// passed over.
#[derive(Clone, Deserialize)]
pub struct Claims {
    #[serde(default)]
    pub(crate) sub: Option<Uuid>,
    #[serde(default)]
    pub(crate) exp: Option<NumericDate>,
    #[serde(default)]
    pub(crate) nbf: Option<NumericDate>,
    #[serde(default)]
    pub(crate) iat: Option<NumericDate>,
    #[serde(default)]
    pub(crate) iss: Option<String>,
    #[serde(default)]
    pub(crate) aud: Option<Audience>,
    #[serde(default)]
    pub(crate) roles: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) scope: Option<String>,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    jti: Option<String>,
    #[serde(default, deserialize_with = "text_or_nothing")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text_or_nothing")]
    preferred_username: Option<String>,
    #[serde(default, deserialize_with = "text_or_nothing")]
    nickname: Option<String>,
    #[serde(default, deserialize_with = "text_or_nothing")]
    locale: Option<String>,
    #[serde(default, deserialize_with = "text_or_nothing")]
    zoneinfo: Option<String>,
    #[serde(default, deserialize_with = "text_or_nothing")]
    email: Option<String>,
    #[serde(default)]
    email_verified: Option<serde_json::Value>,
}

/// Seconds since 1970, perhaps with a fraction (RFC 7519 section 2), within what every store can keep.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct NumericDate(pub(crate) DateTime<Utc>);

impl TryFrom<f64> for NumericDate {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        std::time::Duration::try_from_secs_f64(seconds)
            .ok()
            .and_then(|since| TimeDelta::from_std(since).ok())
            .and_then(|since| DateTime::UNIX_EPOCH.checked_add_signed(since))
            .map(|at| at.round_subsecs(6))
            .filter(|at| at.year() <= 9999)
            .map(Self)
            .ok_or("no moment from 1970 to 9999")
    }
}

/// For whom a token is.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    /// For one.
    One(String),
    /// For any of these.
    Many(Vec<String>),
}

impl Audience {
    pub(crate) fn has(&self, who: &str) -> bool {
        match self {
            Self::One(one) => one == who,
            Self::Many(many) => many.iter().any(|one| one == who),
        }
    }
}

impl Claims {
    /// The session: `sid`, else `jti`. Fails where that cannot name one.
    pub(crate) fn session(&self) -> Result<Option<SessionToken>, &'static str> {
        self.sid
            .as_deref()
            .or(self.jti.as_deref())
            .map(SessionToken::parse)
            .transpose()
            .map_err(|_fault| "session")
    }

    /// What is said of the person, where anything is.
    pub(crate) fn about(self) -> Option<Box<AboutPerson>> {
        // Some issuers write it as a text.
        let vouched = self
            .email_verified
            .is_none_or(|verified| verified == true || verified == "true");
        let said = |text: &String| !text.trim().is_empty();
        let about = AboutPerson {
            name: self
                .name
                .filter(said)
                .or(self.preferred_username.filter(said))
                .or(self.nickname.filter(said)),
            locale: self.locale,
            zoneinfo: self.zoneinfo,
            email: self.email.filter(said).filter(|_| vouched),
        };
        (about != AboutPerson::default()).then(|| Box::new(about))
    }
}

/// A text; nothing where it is something else.
fn text_or_nothing<'de, D: Deserializer<'de>>(value: D) -> Result<Option<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(value)? {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(claims: Value) -> Result<Claims, serde_json::Error> {
        serde_json::from_value(claims)
    }

    #[test]
    fn a_person_is_called_by_the_first_name_that_is_one() {
        for (claims, name) in [
            (
                json!({"name": "Ana", "preferred_username": "a", "nickname": "n"}),
                Some("Ana"),
            ),
            (
                json!({"name": 5, "preferred_username": "a", "nickname": "n"}),
                Some("a"),
            ),
            (json!({"name": " ", "nickname": "n"}), Some("n")),
            (json!({"locale": "da"}), None),
        ] {
            let about = read(claims.clone()).unwrap().about().unwrap();
            assert_eq!(about.name.as_deref(), name, "{claims}");
        }
        let wrong = json!({"name": ["Ana"], "locale": 1, "zoneinfo": {"a": {}}});
        assert!(read(wrong).unwrap().about().is_none());
    }

    #[test]
    fn a_moment_is_a_number_from_1970_to_9999() {
        let at = |exp: Value| {
            read(json!({"exp": exp}))
                .ok()
                .and_then(|claims| claims.exp)
                .map(|at| at.0.to_rfc3339())
        };
        for (good, says) in [
            (json!(0), "1970-01-01T00:00:00+00:00"),
            (json!(1_700_000_000), "2023-11-14T22:13:20+00:00"),
            (json!(1_700_000_000.1), "2023-11-14T22:13:20.100+00:00"),
            (json!(253_402_300_799_u64), "9999-12-31T23:59:59+00:00"),
        ] {
            assert_eq!(at(good.clone()).as_deref(), Some(says), "{good}");
        }
        for bad in [
            json!(-1),
            json!(253_402_300_800_u64),
            json!(1e300),
            json!("0"),
        ] {
            assert!(read(json!({"exp": bad.clone()})).is_err(), "{bad}");
        }
        assert_eq!(at(Value::Null), None);
    }

    #[test]
    fn the_session_is_the_sid_else_the_jti() {
        let session = |claims: Value| read(claims).unwrap().session();
        let of = |text| Ok(Some(SessionToken::parse(text).unwrap()));
        assert_eq!(session(json!({"sid": "s", "jti": "j"})), of("s"));
        assert_eq!(session(json!({"sid": null, "jti": "j"})), of("j"));
        assert_eq!(session(json!({})), Ok(None));
        for bad in [json!({"sid": " ", "jti": "j"}), json!({"jti": "a\nb"})] {
            assert!(session(bad).is_err());
        }
    }

    #[test]
    fn a_claim_that_is_given_twice_makes_a_token_malformed() {
        for json in [
            r#"{"sub":"0190c1f4-2b5e-7c3a-9d8e-1f2a3b4c5d6e","sub":"0190c1f4-2b5e-7c3a-9d8e-1f2a3b4c5d6f"}"#,
            r#"{"exp":1,"exp":4000000000}"#,
            r#"{"roles":[],"roles":["admin"]}"#,
        ] {
            assert!(serde_json::from_str::<Claims>(json).is_err(), "{json}");
        }
    }
}
