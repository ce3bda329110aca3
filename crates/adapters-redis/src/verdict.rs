//! A verdict as Redis keeps it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use user_service_domain::ids::{ProfileId, SessionId};
use user_service_domain::revocation::FeedPosition;
use user_service_domain::session::{Admission, Refusal, Verdict};
use uuid::Uuid;

/// The form of this release. Another form is not read.
const FORM: u8 = 1;

/// Seconds since 1970 and nanoseconds.
type Moment = (i64, u32);

/// What is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The form.
    v: u8,
    /// When the verdict is to be forgotten.
    until: Moment,
    /// `Verdict::as_of`.
    as_of: i64,
    outcome: Outcome,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Outcome {
    SessionEnded,
    AccountInactive,
    Admitted {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        profile: Option<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lapses_at: Option<Moment>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        follows_tokens: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issued_after: Option<Moment>,
    },
}

/// Writes a verdict that is to be forgotten at a moment.
pub(crate) fn encode(verdict: &Verdict, until: DateTime<Utc>) -> serde_json::Result<Vec<u8>> {
    let outcome = match verdict.outcome {
        Err(Refusal::SessionEnded) => Outcome::SessionEnded,
        Err(Refusal::AccountInactive) => Outcome::AccountInactive,
        Ok(admission) => Outcome::Admitted {
            profile: admission.profile_id.map(ProfileId::get),
            session: admission.session_id.map(SessionId::get),
            lapses_at: admission.lapses_at.map(moment),
            follows_tokens: admission.follows_tokens,
            issued_after: admission.issued_after.map(moment),
        },
    };
    serde_json::to_vec(&Kept {
        v: FORM,
        until: moment(until),
        as_of: verdict.as_of.0,
        outcome,
    })
}

/// Reads a verdict that is still to be remembered. Whatever cannot be read is none.
pub(crate) fn decode(bytes: &[u8], now: DateTime<Utc>) -> Option<Verdict> {
    let kept: Kept = serde_json::from_slice(bytes).ok()?;
    if kept.v != FORM || time(kept.until)? <= now {
        return None;
    }
    let outcome = match kept.outcome {
        Outcome::SessionEnded => Err(Refusal::SessionEnded),
        Outcome::AccountInactive => Err(Refusal::AccountInactive),
        Outcome::Admitted {
            profile,
            session,
            lapses_at,
            follows_tokens,
            issued_after,
        } => Ok(Admission {
            profile_id: profile.map(ProfileId::new),
            session_id: session.map(SessionId::new),
            lapses_at: readable(lapses_at)?,
            follows_tokens,
            issued_after: readable(issued_after)?,
        }),
    };
    Some(Verdict {
        outcome,
        as_of: FeedPosition(kept.as_of),
    })
}

fn moment(time: DateTime<Utc>) -> Moment {
    (time.timestamp(), time.timestamp_subsec_nanos())
}

fn time((seconds, nanoseconds): Moment) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, nanoseconds)
}

/// `None` where there is a moment that is none.
fn readable(kept: Option<Moment>) -> Option<Option<DateTime<Utc>>> {
    kept.map_or(Some(None), |kept| time(kept).map(Some))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600, 0).unwrap()
    }

    fn admitted() -> Verdict {
        Verdict {
            outcome: Ok(Admission {
                profile_id: Some(ProfileId::new(Uuid::from_u128(1))),
                session_id: Some(SessionId::new(Uuid::from_u128(2))),
                lapses_at: Some(DateTime::<Utc>::MAX_UTC),
                follows_tokens: true,
                issued_after: Some(DateTime::<Utc>::MIN_UTC),
            }),
            as_of: FeedPosition(i64::MIN),
        }
    }

    #[test]
    fn a_verdict_is_read_until_its_end() {
        let until = now() + TimeDelta::microseconds(1);
        let bytes = encode(&admitted(), until).unwrap();
        assert_eq!(decode(&bytes, now()), Some(admitted()));
        assert_eq!(decode(&bytes, until), None);
    }

    #[test]
    fn what_cannot_be_read_is_no_verdict() {
        let good = encode(&admitted(), now() + TimeDelta::hours(1)).unwrap();
        let text = String::from_utf8(good.clone()).unwrap();
        for end in 0..good.len() {
            assert_eq!(decode(&good[..end], now()), None);
        }
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("\"v\":1", "\"v\":1,\"w\":1"),
            ("\"admitted\"", "\"let_in\""),
            ("\"profile\"", "\"profil\""),
            ("\"profile\":\"0", "\"profile\":\"g"),
            ("\"lapses_at\":[", "\"lapses_at\":[9"),
            ("\"until\":[", "\"until\":[9223372036854775807,0],\"x\":["),
        ] {
            let bad = text.replacen(from, to, 1);
            assert_ne!(bad, text, "{from}");
            assert_eq!(decode(bad.as_bytes(), now()), None, "{bad}");
        }
        for bytes in [&b""[..], b"null", b"\xff\xfe", &[b'['; 4096]] {
            assert_eq!(decode(bytes, now()), None);
        }
    }
}
