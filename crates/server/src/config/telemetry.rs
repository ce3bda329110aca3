//! What settings of logs and traces can be.

use std::fmt;
use std::net::SocketAddr;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;

use super::value::{FromSetting, MASK};

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// One JSON object on a line.
    Json,
    /// For people.
    Pretty,
    /// For people where they watch, else JSON.
    Auto,
}

impl FromSetting for LogFormat {
    const FORM: &'static str = "`json`, `pretty` or `auto`";

    fn parse(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            "auto" => Ok(Self::Auto),
            _ => Err("must be json, pretty or auto".to_owned()),
        }
    }

    fn show(&self) -> Option<String> {
        let text = match self {
            Self::Json => "json",
            Self::Pretty => "pretty",
            Self::Auto => "auto",
        };
        Some(text.to_owned())
    }
}

impl FromSetting for SocketAddr {
    const FORM: &'static str = "IP address and port";

    fn parse(text: &str) -> Result<Self, String> {
        text.trim()
            .parse()
            .map_err(|_| "must be an IP address and a port, such as 127.0.0.1:9082".to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// Which traces are sent; the names are those of OpenTelemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TracesSampler {
    AlwaysOn,
    AlwaysOff,
    TraceIdRatio,
    ParentBasedAlwaysOn,
    ParentBasedAlwaysOff,
    ParentBasedTraceIdRatio,
}

impl TracesSampler {
    const ALL: [Self; 6] = [
        Self::AlwaysOn,
        Self::AlwaysOff,
        Self::TraceIdRatio,
        Self::ParentBasedAlwaysOn,
        Self::ParentBasedAlwaysOff,
        Self::ParentBasedTraceIdRatio,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::AlwaysOn => "always_on",
            Self::AlwaysOff => "always_off",
            Self::TraceIdRatio => "traceidratio",
            Self::ParentBasedAlwaysOn => "parentbased_always_on",
            Self::ParentBasedAlwaysOff => "parentbased_always_off",
            Self::ParentBasedTraceIdRatio => "parentbased_traceidratio",
        }
    }
}

impl FromSetting for TracesSampler {
    const FORM: &'static str = "name of a sampler";

    fn parse(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|sampler| sampler.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::as_str).join(", ");
                format!("must be one of {names}")
            })
    }

    fn show(&self) -> Option<String> {
        Some(self.as_str().to_owned())
    }
}

/// A share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio(pub(crate) f64);

impl FromSetting for Ratio {
    const FORM: &'static str = "number from 0 to 1";

    fn parse(text: &str) -> Result<Self, String> {
        text.trim()
            .parse()
            .ok()
            .filter(|ratio| (0.0..=1.0).contains(ratio))
            .map(Self)
            .ok_or_else(|| "must be a number from 0 to 1".to_owned())
    }

    fn show(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

/// Names and values, as `name=value,other=value` with percent-encoding (the form of W3C Baggage).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pairs(pub(crate) Vec<(String, String)>);

impl FromSetting for Pairs {
    const FORM: &'static str = "list of pairs";

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be of the form name=value,other=value, percent-encoded".to_owned();
        let pairs = text
            .split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
                let value = percent_decode_str(value.trim());
                let value = value.decode_utf8().map_err(|_| wrong())?;
                match name.trim() {
                    "" => Err(wrong()),
                    name => Ok((name.to_owned(), value.into_owned())),
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn show(&self) -> Option<String> {
        let pairs = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        Some(pairs.collect::<Vec<_>>().join(","))
    }
}

/// [`Pairs`] whose values must not be seen.
pub(crate) struct SecretPairs(SecretString);

impl SecretPairs {
    /// The pairs.
    #[cfg(feature = "otlp")]
    pub(crate) fn expose(&self) -> impl Iterator<Item = (String, String)> {
        use secrecy::ExposeSecret as _;

        // They were read once before.
        let Pairs(pairs) = Pairs::parse(self.0.expose_secret()).unwrap_or_default();
        pairs.into_iter()
    }
}

impl FromSetting for SecretPairs {
    const FORM: &'static str = "list of pairs";

    fn parse(text: &str) -> Result<Self, String> {
        Pairs::parse(text)?;
        Ok(Self(text.into()))
    }

    fn show(&self) -> Option<String> {
        Some(MASK.to_owned())
    }
}

impl fmt::Debug for SecretPairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_percent_encoded() {
        let pairs = |text: &str| Pairs::parse(text).map(|pairs| pairs.0);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs(""), Ok(vec![]));
        assert_eq!(
            pairs("a=b, c.d = e%2Cf=g ,"),
            Ok(vec![pair("a", "b"), pair("c.d", "e,f=g")])
        );
        for bad in ["a", "=b", "a=%ff"] {
            assert!(pairs(bad).is_err(), "{bad}");
        }
        let secret = SecretPairs::parse("authorization=Bearer%20hunter2").unwrap();
        assert!(!format!("{secret:?}{:?}", secret.show()).contains("hunter2"));
    }

    #[test]
    fn a_share_is_from_none_to_all() {
        for (text, ratio) in [("0", 0.0), ("0.25", 0.25), ("1", 1.0)] {
            assert_eq!(Ratio::parse(text), Ok(Ratio(ratio)));
        }
        for bad in ["-0.1", "1.1", "NaN", "half", ""] {
            assert!(Ratio::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn samplers_have_their_standard_names() {
        for sampler in TracesSampler::ALL {
            assert_eq!(TracesSampler::parse(sampler.as_str()), Ok(sampler));
        }
        assert!(TracesSampler::parse("jaeger_remote").is_err());
    }
}
