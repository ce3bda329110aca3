//! The texts of a profile, each with its rule.

use std::sync::LazyLock;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use url::Url;

use crate::fault::{Fault, FaultCode};
use crate::text::{at_most, has_visible, nfc, no_controls};

macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Takes a text that was parsed before it was stored.
            pub fn stored(text: String) -> Self {
                Self(text)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

text_value! {
    /// The name that others see: 1 to 100 characters after trimming and NFC, with something to see.
    DisplayName
}
text_value! {
    /// A few lines about oneself: at most 500 characters, line feeds allowed.
    Bio
}
text_value! {
    /// Where a person is, in their own words: at most 100 characters.
    Location
}
text_value! {
    /// An absolute `http` or `https` URL with a host: at most 255 characters, no credentials.
    Website
}
text_value! {
    /// A telephone number in E.164 form, `+` and at most 15 digits.
    PhoneNumber
}

impl DisplayName {
    /// The longest name, in characters.
    pub const MAX: usize = 100;

    /// Faults: `blank`, `too_long`, `control_character`, `bidi_control`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let name = nfc(text.trim());
        no_controls(&name, false)?;
        if !has_visible(&name) {
            return Err(Fault::new(
                FaultCode::Blank,
                "must have at least one visible character",
            ));
        }
        at_most(&name, Self::MAX)?;
        Ok(Self(name))
    }
}

impl Bio {
    /// The longest bio, in characters.
    pub const MAX: usize = 500;

    /// Faults: `too_long`, `control_character`, `bidi_control`. `CRLF` becomes `LF`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let bio = nfc(&text.replace("\r\n", "\n"));
        no_controls(&bio, true)?;
        at_most(&bio, Self::MAX)?;
        Ok(Self(bio))
    }
}

impl Location {
    /// The longest location, in characters.
    pub const MAX: usize = 100;

    /// Faults: `too_long`, `control_character`, `bidi_control`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let location = nfc(text.trim());
        no_controls(&location, false)?;
        at_most(&location, Self::MAX)?;
        Ok(Self(location))
    }
}

impl Website {
    /// The longest URL, in characters.
    pub const MAX: usize = 255;

    /// Faults: `too_long`, `not_a_url`. The text is kept as given once the WHATWG parser agrees to it.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        at_most(text, Self::MAX)?;
        let fault = || {
            Fault::new(
                FaultCode::NotAUrl,
                "must be an absolute http or https URL with a host and without credentials",
            )
        };
        if needs_forgiveness(text) {
            return Err(fault());
        }
        no_controls(text, false)?;
        if !is_http_url(text) {
            return Err(fault());
        }
        Ok(Self(text.to_owned()))
    }
}

/// The URL parser forgives white space, controls and backslashes; a link that is shown must not need that.
fn needs_forgiveness(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '<' | '>' | '"' | '`'))
}

/// Whether it is an absolute `http` or `https` URL with a host and without credentials, that needs no forgiveness.
pub(crate) fn is_http_url(text: &str) -> bool {
    if needs_forgiveness(text) || no_controls(text, false).is_err() {
        return false;
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    if !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        || rest.starts_with('/')
    {
        return false;
    }
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
    })
}

impl PhoneNumber {
    /// Fault: `not_a_phone_number`. Spaces and punctuation are accepted and dropped; the country code is required.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        static FAULT: LazyLock<Fault> = LazyLock::new(|| {
            Fault::new(
                FaultCode::NotAPhoneNumber,
                "must be a telephone number with its country code, such as +442071838750",
            )
        });
        if text.len() > 64 || !text.trim_start().starts_with('+') {
            return Err(FAULT.clone());
        }
        let number = PHONE_NUMBER_UTIL
            .parse(text, None)
            .map_err(|_| FAULT.clone())?;
        if !PHONE_NUMBER_UTIL.is_possible_number(&number) {
            return Err(FAULT.clone());
        }
        let e164 = PHONE_NUMBER_UTIL
            .format(&number, PhoneNumberFormat::E164)
            .into_owned();
        if e164.len() > 16 {
            return Err(FAULT.clone());
        }
        Ok(Self(e164))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code<T>(result: Result<T, Fault>) -> &'static str {
        result.map_or_else(|f| f.code.as_str(), |_| "ok")
    }

    #[test]
    fn names_of_every_script_are_welcome() {
        for name in [
            "Ana",
            "王伟",
            "محمد",
            "Zoë 👩‍🚀",
            "ಕನ್ನಡ",
            "O'Brien-Łódź",
            "نیم‌فاصله",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        ] {
            assert_eq!(DisplayName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_deceive_or_show_nothing_are_refused() {
        assert_eq!(code(DisplayName::parse("   ")), "blank");
        assert_eq!(code(DisplayName::parse("\u{200b}\u{3164}")), "blank");
        assert_eq!(code(DisplayName::parse("a\u{202e}b")), "bidi_control");
        assert_eq!(code(DisplayName::parse("a\0b")), "control_character");
        assert_eq!(code(DisplayName::parse("a\nb")), "control_character");
        assert_eq!(code(DisplayName::parse(&"x".repeat(101))), "too_long");
        assert_eq!(code(DisplayName::parse(&"👩".repeat(100))), "ok");
    }

    #[test]
    fn a_website_is_an_absolute_http_url_with_a_host() {
        for url in [
            "https://example.com",
            "HTTP://Example.com/a?b#c",
            "https://münchen.example/ü",
            "http://[::1]:8080/",
        ] {
            assert_eq!(Website::parse(url).unwrap().as_str(), url);
        }
        for url in [
            "",
            "example.com",
            "javascript:alert(1)",
            "ftp://a.b",
            "https://",
            "https:///x",
            "http://u:p@h/",
            "http://a b/",
            "https:\\\\a.b",
            "//a.b",
            "data:text/html,x",
        ] {
            assert_eq!(code(Website::parse(url)), "not_a_url", "{url}");
        }
        assert_eq!(
            code(Website::parse(&format!("https://a.b/{}", "x".repeat(255)))),
            "too_long"
        );
    }

    #[test]
    fn a_phone_number_is_kept_in_e164() {
        assert_eq!(
            PhoneNumber::parse("+44 20 7183 8750").unwrap().as_str(),
            "+442071838750"
        );
        assert_eq!(
            PhoneNumber::parse(" +1 (415) 555-2671").unwrap().as_str(),
            "+14155552671"
        );
        for number in [
            "",
            "12345",
            "+",
            "+0123456789",
            "+12",
            "+1415555267188888888",
            "call me",
            "+49abc",
        ] {
            assert_eq!(
                code(PhoneNumber::parse(number)),
                "not_a_phone_number",
                "{number}"
            );
        }
    }

    proptest! {
        #[test]
        fn parsing_what_was_parsed_changes_nothing(text in "\\PC{0,120}") {
            if let Ok(name) = DisplayName::parse(&text) {
                prop_assert_eq!(DisplayName::parse(name.as_str()), Ok(name));
            }
            if let Ok(bio) = Bio::parse(&text) {
                prop_assert_eq!(Bio::parse(bio.as_str()), Ok(bio));
            }
            if let Ok(url) = Website::parse(&text) {
                prop_assert_eq!(Website::parse(url.as_str()), Ok(url));
            }
        }
    }
}
