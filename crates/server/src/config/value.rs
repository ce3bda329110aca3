//! How settings are read from text, and how they are shown.

use std::{fmt, net::IpAddr, time::Duration};

use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use user_service_adapters_http_clients::ServiceUrl;

/// What is shown in place of a secret.
pub(crate) const MASK: &str = "********";

/// A value of a setting. Messages of `parse` never quote the text: it may be a secret.
pub(crate) trait FromSetting: Sized {
    /// What a value is, in a few words.
    const FORM: &'static str;

    /// What its number counts, where that is always the same.
    const UNIT: Option<&'static str> = None;

    /// Reads it from text.
    fn parse(text: &str) -> Result<Self, String>;

    /// The value of a setting which has no default and was not given.
    fn absent() -> Option<Self> {
        None
    }

    /// As text that may be seen; `None` if not set.
    fn show(&self) -> Option<String>;
}

/// What a list holds: a JSON array of texts, or texts separated by commas. Empty ones are passed over.
pub(super) fn list(text: &str) -> Result<Vec<String>, String> {
    let items: Vec<String> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text)
            .map_err(|_| "must be a JSON array of strings, or separated by commas".to_owned())?
    } else {
        text.split(',').map(str::to_owned).collect()
    };
    let items = items.iter().map(|item| item.trim().to_owned());
    Ok(items.filter(|item| !item.is_empty()).collect())
}

impl<T: FromSetting> FromSetting for Option<T> {
    const FORM: &'static str = T::FORM;
    const UNIT: Option<&'static str> = T::UNIT;

    fn parse(text: &str) -> Result<Self, String> {
        T::parse(text).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn show(&self) -> Option<String> {
        self.as_ref().and_then(T::show)
    }
}

macro_rules! integers {
    ($($type:ty),+) => {$(
        impl FromSetting for $type {
            const FORM: &'static str = "whole number";

            fn parse(text: &str) -> Result<Self, String> {
                text.trim().parse().map_err(|_| {
                    format!("must be a whole number from {} to {}", Self::MIN, Self::MAX)
                })
            }

            fn show(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )+};
}

integers!(u16, u32, usize);

impl FromSetting for bool {
    const FORM: &'static str = "true or false";

    fn parse(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err("must be true or false (also 1, 0, yes, no, on, off)".to_owned()),
        }
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl FromSetting for String {
    const FORM: &'static str = "text";

    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("must not be empty".to_owned());
        }
        Ok(text.trim().to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl FromSetting for SecretString {
    const FORM: &'static str = "text";

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("must not be empty".to_owned());
        }
        Ok(text.into())
    }

    fn show(&self) -> Option<String> {
        Some(MASK.to_owned())
    }
}

impl FromSetting for IpAddr {
    const FORM: &'static str = "IP address";

    fn parse(text: &str) -> Result<Self, String> {
        text.trim()
            .parse()
            .map_err(|_| "must be an IP address".to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// Seconds.
impl FromSetting for Duration {
    const FORM: &'static str = "whole number";
    const UNIT: Option<&'static str> = Some("seconds");

    fn parse(text: &str) -> Result<Self, String> {
        u32::parse(text)
            .map(|seconds| Self::from_secs(seconds.into()))
            .map_err(|_| "must be a whole number of seconds".to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(self.as_secs().to_string())
    }
}

/// A number of hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hours(pub(crate) u32);

impl Hours {
    /// As a duration.
    pub(crate) const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64 * 3600)
    }
}

impl FromSetting for Hours {
    const FORM: &'static str = "whole number";
    const UNIT: Option<&'static str> = Some("hours");

    fn parse(text: &str) -> Result<Self, String> {
        u32::parse(text)
            .map(Self)
            .map_err(|_| "must be a whole number of hours".to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

/// What to log: a filter in the language of `tracing_subscriber::EnvFilter`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogFilter(pub(crate) String);

impl FromSetting for LogFilter {
    const FORM: &'static str = "level or filter";

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            "must be error, warn, info, debug or trace, or a filter such as `info,sqlx=warn`"
                .to_owned()
        };
        let parts = text.split(',').map(str::trim).map(|part| {
            if part.contains(['=', '[', '}', ']']) {
                return Ok(part.to_owned());
            }
            match part.to_ascii_lowercase().as_str() {
                level @ ("error" | "warn" | "info" | "debug" | "trace" | "off") => {
                    Ok(level.to_owned())
                }
                // names which Python's logging has
                "warning" => Ok("warn".to_owned()),
                "critical" => Ok("error".to_owned()),
                _ => Err(wrong()),
            }
        });
        let filter = parts.collect::<Result<Vec<_>, _>>()?.join(",");
        EnvFilter::builder().parse(&filter).map_err(|_| wrong())?;
        Ok(Self(filter))
    }

    fn show(&self) -> Option<String> {
        Some(self.0.clone())
    }
}

/// How callers are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthMode {
    /// By tokens signed with a secret that the issuer and this service share.
    Secret,
    /// By tokens signed with keys that the Auth Service publishes.
    Jwks,
    /// By asking the Auth Service about each token.
    Remote,
}

impl AuthMode {
    /// Every mode.
    const ALL: [Self; 3] = [Self::Secret, Self::Jwks, Self::Remote];

    /// As the setting spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Jwks => "jwks",
            Self::Remote => "remote",
        }
    }
}

impl FromSetting for AuthMode {
    const FORM: &'static str = "`secret`, `jwks` or `remote`";

    fn parse(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| "must be secret, jwks or remote".to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(self.as_str().to_owned())
    }
}

impl FromSetting for ServiceUrl {
    const FORM: &'static str = "URL";

    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(ToOwned::to_owned)
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// How tokens are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

impl Algorithm {
    /// The length of its hash, and so the shortest key it may have (RFC 7518, section 3.2).
    pub(crate) const fn hash_bytes(self) -> usize {
        match self {
            Self::Hs256 => 32,
            Self::Hs384 => 48,
            Self::Hs512 => 64,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        })
    }
}

impl FromSetting for Algorithm {
    const FORM: &'static str = "`HS256`, `HS384` or `HS512`";

    fn parse(text: &str) -> Result<Self, String> {
        [Self::Hs256, Self::Hs384, Self::Hs512]
            .into_iter()
            .find(|algorithm| algorithm.to_string().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| "must be HS256, HS384 or HS512".to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}
