//! Requests and replies, with the assertions every topic needs.

use std::future::IntoFuture;
use std::pin::Pin;

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::Value;

/// A request that is sent when awaited.
pub(crate) struct Request(reqwest::RequestBuilder);

impl Request {
    pub(crate) fn new(builder: reqwest::RequestBuilder) -> Self {
        Self(builder)
    }

    pub(crate) fn token(self, token: impl AsRef<str>) -> Self {
        Self(self.0.bearer_auth(token.as_ref()))
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(
            self.0
                .header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap()),
        )
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    /// A body as it is, under this media type.
    pub(crate) fn raw(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self(self.0.header("content-type", media_type).body(body.into()))
    }

    /// Sends it where a broken connection is no failure of the test.
    pub(crate) async fn attempt(self) -> Result<Reply, reqwest::Error> {
        let response = self.0.send().await?;
        Ok(Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await?.to_vec(),
        })
    }
}

impl IntoFuture for Request {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.attempt().await.expect("an answer") })
    }
}

/// An answer, read to its end.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Asserts the status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// A header that must be there.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> String {
        self.maybe(name)
            .unwrap_or_else(|| panic!("no {name}: {:?}", self.headers))
    }

    pub(crate) fn maybe(&self, name: &str) -> Option<String> {
        Some(self.headers.get(name)?.to_str().unwrap().to_owned())
    }

    /// A strong entity tag.
    #[track_caller]
    pub(crate) fn etag(&self) -> String {
        let tag = self.header("etag");
        assert!(
            tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'),
            "{tag}"
        );
        tag
    }

    /// Asserts a problem document of this status; answers its body.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let media_type = self.header("content-type");
        let essence = media_type.split(';').next().unwrap();
        assert_eq!(essence, "application/problem+json", "{}", self.text());
        let body = self.json();
        for member in ["type", "title", "detail", "instance", "request_id", "code"] {
            assert!(
                body[member].as_str().is_some_and(|text| !text.is_empty()),
                "{member}: {body}"
            );
        }
        assert_eq!(body["status"], status, "{body}");
        assert_eq!(body["request_id"], self.header("x-request-id"), "{body}");
        let code = body["code"].as_str().unwrap();
        let kind = body["type"].as_str().unwrap();
        assert!(kind.ends_with(&format!("/problems/{code}")), "{body}");
        let known = [
            "type",
            "title",
            "status",
            "detail",
            "instance",
            "request_id",
            "code",
            "errors",
            "violated-policies",
        ];
        assert_eq!(
            unknown_members(&body, &known),
            Vec::<String>::new(),
            "{body}"
        );
        body
    }

    /// Asserts a 401 of this code with the challenge that belongs to it (RFC 6750 section 3).
    #[track_caller]
    pub(crate) fn refused(&self, code: &str) {
        let body = self.problem(401);
        assert_eq!(body["code"], code, "{body}");
        let challenge = self.header("www-authenticate");
        assert!(challenge.starts_with("Bearer"), "{challenge}");
        let error = challenge.contains(r#"error="invalid_token""#);
        // Who sent no token is told of no error.
        assert_eq!(error, code != "missing-token", "{challenge}");
    }

    /// Asserts a problem of this status and code.
    #[track_caller]
    pub(crate) fn coded(&self, status: u16, code: &str) {
        let body = self.problem(status);
        assert_eq!(body["code"], code, "{body}");
    }

    /// Asserts a problem document with these pointers in any order.
    #[track_caller]
    pub(crate) fn faults(&self, pointers: &[&str]) {
        self.located(422, "pointer", pointers);
    }

    /// Asserts a 400 that names these query parameters.
    #[track_caller]
    pub(crate) fn bad_parameters(&self, names: &[&str]) {
        self.located(400, "parameter", names);
    }

    #[track_caller]
    fn located(&self, status: u16, member: &str, expected: &[&str]) {
        let body = self.problem(status);
        let errors = body["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("no errors: {body}"));
        let mut found: Vec<_> = errors
            .iter()
            .filter_map(|error| error[member].as_str())
            .collect();
        found.sort_unstable();
        found.dedup();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{body}");
        for error in errors {
            for text in ["code", "message"] {
                assert!(
                    error[text].as_str().is_some_and(|text| !text.is_empty()),
                    "{body}"
                );
            }
            assert_eq!(
                unknown_members(error, &[member, "code", "message"]),
                Vec::<String>::new()
            );
        }
    }

    /// The path and query of `Link: <…>; rel="next"`.
    pub(crate) fn next_link(&self) -> Option<String> {
        let link = self.maybe("link")?;
        let next = link.split(',').find(|link| link.contains("rel=\"next\""))?;
        let target = next.split_once('<')?.1.split_once('>')?.0;
        Some(match target.split_once("://") {
            Some((_, rest)) => rest[rest.find('/')?..].to_owned(),
            None => target.to_owned(),
        })
    }
}

/// Asserts that an object has exactly these members.
#[track_caller]
pub(crate) fn has_exactly(object: &Value, members: &[&str]) {
    let mut found: Vec<_> = object.as_object().expect("an object").keys().collect();
    found.sort_unstable();
    let mut expected = members.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected, "{object}");
}

fn unknown_members(object: &Value, known: &[&str]) -> Vec<String> {
    let members = object.as_object().expect("an object").keys();
    members
        .filter(|name| !known.contains(&name.as_str()))
        .cloned()
        .collect()
}
