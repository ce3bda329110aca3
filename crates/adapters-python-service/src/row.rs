//! A row as texts.

use chrono::{DateTime, NaiveDateTime, Utc};
use uuid::Uuid;

/// Takes the texts of a row in the order in which they were selected.
pub(crate) struct Texts(std::vec::IntoIter<Option<String>>);

impl Texts {
    pub(crate) fn of(texts: Vec<Option<String>>) -> Self {
        Self(texts.into_iter())
    }

    pub(crate) fn take<const N: usize>(&mut self) -> [Option<String>; N] {
        std::array::from_fn(|_| self.0.next().flatten())
    }
}

/// A flag.
pub(crate) fn flag(text: Option<String>) -> Option<bool> {
    text.map(|text| text == "true")
}

/// A UUID, hyphenated or not, in any case: `Uuid` is 32 digits where the engine has no type for it.
pub(crate) fn uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text.trim()).ok()
}

/// A time as the engines write them: with a zone, or else in UTC.
pub(crate) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let zoned = ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"];
    let plain = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    let zoned = zoned.into_iter().find_map(|format| {
        let time = DateTime::parse_from_str(text, format).ok()?;
        Some(time.to_utc())
    });
    let plain = || {
        let mut formats = plain.into_iter();
        formats.find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    };
    let time = zoned.or_else(|| plain().map(|time| time.and_utc()))?;
    let micros = DateTime::from_timestamp_micros(time.timestamp_micros())?;
    (0..253_402_300_800)
        .contains(&micros.timestamp())
        .then_some(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_engine_are_understood() {
        for (text, micros) in [
            ("2026-01-01 00:00:00", 0),
            ("2026-01-01 00:00:00.000001", 1),
            ("2026-01-01 02:00:00.5+02", 500_000),
            ("2026-01-01 00:00:00.5+00", 500_000),
            ("2025-12-31 18:30:00-05:30", 0),
            ("2026-01-01T00:00:00.25", 250_000),
            ("2026-01-01T00:00:00.25+00:00", 250_000),
            ("2026-01-01T00:00:00Z", 0),
        ] {
            let time = moment(text).map(|time| time.timestamp_micros());
            assert_eq!(time, Some(1_767_225_600_000_000 + micros), "{text}");
        }
        for text in [
            "",
            "0000-00-00 00:00:00",
            "1969-12-31 23:59:59",
            "2026-01-01",
            "now",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn uuids_are_understood_in_every_form() {
        let id = uuid("01900000-0000-7000-8000-000000000001");
        assert!(id.is_some());
        assert_eq!(uuid("01900000000070008000000000000001"), id);
        assert_eq!(
            uuid("01900000-0000-7000-8000-00000000000A"),
            uuid("01900000-0000-7000-8000-00000000000a")
        );
        assert_eq!(uuid("auth0|5f7c8ec7c33c6c004bbafe82"), None);
    }
}
