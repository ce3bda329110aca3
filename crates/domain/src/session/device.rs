//! What a person is signed in with.

use async_trait::async_trait;

use crate::fault::{Fault, FaultCode};
use crate::text::{at_most, has_visible, nfc, no_controls};

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceType {
    /// A browser on a computer.
    Web,
    /// A telephone.
    Mobile,
    /// A tablet.
    Tablet,
    /// A program on a computer.
    Desktop,
}

impl DeviceType {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Web, Self::Mobile, Self::Tablet, Self::Desktop];

    /// As the wire and the store spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Mobile => "mobile",
            Self::Tablet => "tablet",
            Self::Desktop => "desktop",
        }
    }

    /// Fault: `not_a_device_type`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| {
                Fault::new(
                    FaultCode::NotADeviceType,
                    "must be web, mobile, tablet or desktop",
                )
            })
    }
}

macro_rules! short_text {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The longest text, in characters.
            pub const MAX: usize = $max;

            /// Faults: `blank`, `too_long`, `control_character`, `bidi_control`.
            pub fn parse(text: &str) -> Result<Self, Fault> {
                let text = nfc(text.trim());
                no_controls(&text, false)?;
                if !has_visible(&text) {
                    return Err(Fault::new(
                        FaultCode::Blank,
                        "must have at least one visible character",
                    ));
                }
                at_most(&text, Self::MAX)?;
                Ok(Self(text))
            }

            /// As much of a text as fits, of a source that nobody can be told about; `None` where
            /// nothing that may be kept is left.
            pub fn fitting(text: &str) -> Option<Self> {
                let text: String = text
                    .chars()
                    .filter(|c| no_controls(c.encode_utf8(&mut [0; 4]), false).is_ok())
                    .take(Self::MAX)
                    .collect();
                Self::parse(&text).ok()
            }

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

short_text! {
    /// What a device is called: at most 100 characters.
    DeviceName, 100
}
short_text! {
    /// An operating system: at most 50 characters.
    OsName, 50
}
short_text! {
    /// A `User-Agent` (RFC 9110 section 10.1.5): at most 1024 characters.
    UserAgent, 1024
}

/// What is known of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Its kind.
    pub kind: Option<DeviceType>,
    /// What it is called.
    pub name: Option<DeviceName>,
    /// Its operating system.
    pub os: Option<OsName>,
}

/// Reads a device out of a user agent.
#[async_trait]
pub trait DeviceDetector: Send + Sync {
    /// What can be told. MUST be the same for the same text, MUST NOT fail: what is not recognised is
    /// `None`. MUST take time linear in the text's length.
    async fn detect(&self, user_agent: &UserAgent) -> Device;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_text_is_cut_to_what_may_be_kept() {
        let long = format!("\u{202e}Gerät\n{}", "x".repeat(200));
        let name = DeviceName::fitting(&long).unwrap();
        assert_eq!(name.as_str().chars().count(), 100);
        assert!(name.as_str().starts_with("Gerätx"));
        assert_eq!(OsName::fitting("\u{0}\u{200b} "), None);
    }

    #[test]
    fn device_types_are_spelled_exactly() {
        for kind in DeviceType::ALL {
            assert_eq!(DeviceType::parse(kind.as_str()), Ok(kind));
        }
        assert_eq!(
            DeviceType::parse("Web").unwrap_err().code.as_str(),
            "not_a_device_type"
        );
    }
}
