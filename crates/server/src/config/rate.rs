//! Quotas as settings have them: `50/s:100`.

use std::num::NonZeroU32;
use std::time::Duration;

use user_service_domain::quota::Quota;

use super::value::FromSetting;

/// A quota, or `off`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    text: String,
    /// `None` means without limit.
    pub(crate) quota: Option<Quota>,
}

impl FromSetting for Rate {
    const FORM: &'static str = "rate or `off`";

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().to_ascii_lowercase();
        let quota = if text == "off" {
            None
        } else {
            let quota = quota(&text).ok_or(
                "must be off, or a number of requests a time, such as 50/s:100, 10/min or 500/h; \
                 at most 1000000 a second",
            )?;
            Some(quota)
        };
        Ok(Self { text, quota })
    }

    fn show(&self) -> Option<String> {
        Some(self.text.clone())
    }
}

/// Without a burst as many as the number says may come at once.
fn quota(text: &str) -> Option<Quota> {
    let (rate, burst) = match text.split_once(':') {
        Some((rate, burst)) => (rate, Some(burst)),
        None => (text, None),
    };
    let (number, unit) = rate.split_once('/')?;
    let number: NonZeroU32 = number.trim().parse().ok()?;
    let per = match unit.trim() {
        "s" => Duration::from_secs(1),
        "min" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        _ => return None,
    };
    let burst = match burst {
        Some(burst) => burst.trim().parse().ok()?,
        None => number,
    };
    Quota::new(number, per, burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_a_number_a_unit_and_perhaps_a_burst() {
        for (text, burst, interval) in [
            ("50/s:100", 100, Duration::from_millis(20)),
            (" 10/MIN ", 10, Duration::from_secs(6)),
            ("60 / h : 1", 1, Duration::from_mins(1)),
        ] {
            let quota = Rate::parse(text).unwrap().quota.unwrap();
            assert_eq!(quota.burst().get(), burst, "{text}");
            assert_eq!(quota.interval(), interval, "{text}");
        }
        assert_eq!(Rate::parse("off").unwrap().quota, None);
        for bad in [
            "",
            "50",
            "0/s",
            "5/s:0",
            "5/d",
            "-1/s",
            "5/s:",
            "5/s, 10",
            "4000000/s",
        ] {
            assert!(Rate::parse(bad).is_err(), "{bad}");
        }
    }
}
