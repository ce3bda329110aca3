//! A response as Redis keeps it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use user_service_domain::idempotency::{Fingerprint, StoredResponse};

use crate::hex;

/// The form of this release. Another form is not read.
const FORM: u8 = 1;

/// What is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept<'a> {
    /// The form.
    v: u8,
    /// When the response is to be forgotten, in microseconds since 1970.
    until: i64,
    fingerprint: String,
    status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    body: std::borrow::Cow<'a, str>,
}

/// Writes a response that is to be forgotten at a moment.
pub(crate) fn encode(
    fingerprint: Fingerprint,
    response: &StoredResponse,
    until: DateTime<Utc>,
) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Kept {
        v: FORM,
        until: until.timestamp_micros(),
        fingerprint: hex::encode(&fingerprint.0),
        status: response.status,
        location: response.location.clone(),
        etag: response.etag.clone(),
        body: response.body.as_str().into(),
    })
}

/// Reads a response that is still to be remembered. Whatever cannot be read is none.
pub(crate) fn decode(bytes: &[u8], now: DateTime<Utc>) -> Option<(Fingerprint, StoredResponse)> {
    let kept: Kept<'_> = serde_json::from_slice(bytes).ok()?;
    if kept.v != FORM || kept.until <= now.timestamp_micros() {
        return None;
    }
    let fingerprint = hex::decode(&kept.fingerprint).map(Fingerprint)?;
    let response = StoredResponse {
        status: kept.status,
        location: kept.location,
        etag: kept.etag,
        body: kept.body.into_owned(),
    };
    Some((fingerprint, response))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn response() -> StoredResponse {
        StoredResponse {
            status: 201,
            location: Some("/api/v1/users/1".to_owned()),
            etag: None,
            body: r#"{"name":"Ana \"é\""}"#.to_owned(),
        }
    }

    #[test]
    fn a_response_is_read_until_its_end() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let until = now + TimeDelta::seconds(1);
        let bytes = encode(Fingerprint([7; 32]), &response(), until).unwrap();
        assert_eq!(
            decode(&bytes, now),
            Some((Fingerprint([7; 32]), response()))
        );
        assert_eq!(decode(&bytes, until), None);
    }

    #[test]
    fn what_cannot_be_read_is_none() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let until = now + TimeDelta::seconds(1);
        let good = encode(Fingerprint([7; 32]), &response(), until).unwrap();
        let text = String::from_utf8(good.clone()).unwrap();
        for end in 0..good.len() {
            assert_eq!(decode(&good[..end], now), None);
        }
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("0707", "07zz"),
            ("\"status\":201", "\"status\":70000"),
            ("\"body\"", "\"text\""),
        ] {
            let bad = text.replacen(from, to, 1);
            assert_ne!(bad, text, "{from}");
            assert_eq!(decode(bad.as_bytes(), now), None, "{bad}");
        }
    }
}
