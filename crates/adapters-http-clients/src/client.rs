//! Asks another service, and trusts it with nothing: not with time, not with memory, not with another address.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Request, RequestBuilder, Response, StatusCode};
use serde_json::json;
use url::Url;
use user_service_telemetry::HttpClientMeasures;

use crate::service_url::ServiceUrl;

/// The most time that a connection may take of all that a call may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// A client could not be made: there are no certificates to trust, for example.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client could be made")]
pub struct ClientError(#[source] reqwest::Error);

/// Why a call brought nothing. Holds no address and nothing that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No connection came about.
    #[error("no connection: {0}")]
    Unreachable(io::ErrorKind),
    /// The answer did not come in time.
    #[error("no answer in time")]
    TimedOut,
    /// The answer points elsewhere, which is not followed.
    #[error("redirected, which is not followed")]
    Redirected,
    /// The answer has another status than those that say something.
    #[error("status {0}")]
    Status(u16),
    /// The answer is longer than it may be.
    #[error("the answer is too long")]
    TooLong,
    /// The answer broke off, or is not HTTP.
    #[error("the answer is broken")]
    Broken,
    /// The answer does not mean anything here.
    #[error("the answer makes no sense: {0}")]
    Senseless(&'static str),
    /// The service failed again and again, and is left alone for a while.
    #[error("left alone after failures")]
    LeftAlone,
    /// There is nothing that was known before, either.
    #[error("nothing is known yet")]
    NothingKnown,
    /// What was known before is too old.
    #[error("what is known is too old")]
    TooOld,
}

impl CallError {
    /// Whether the same call may soon succeed.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Status(502..=504))
    }

    /// In one word, for metrics.
    const fn word(self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut => "timeout",
            Self::Redirected => "redirected",
            Self::TooLong => "too_long",
            Self::Status(_)
            | Self::Broken
            | Self::Senseless(_)
            | Self::LeftAlone
            | Self::NothingKnown
            | Self::TooOld => "broken",
        }
    }
}

/// A client of one service.
#[derive(Clone, Debug)]
pub(crate) struct ServiceClient {
    http: Client,
    measures: HttpClientMeasures,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl ServiceClient {
    /// Each call ends within `timeout`.
    pub(crate) fn new(
        service: &ServiceUrl,
        timeout: Duration,
        measures: HttpClientMeasures,
    ) -> Result<Self, ClientError> {
        let mut builder = Client::builder()
            .user_agent(concat!("user-service/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .timeout(timeout)
            .redirect(Policy::none())
            .referer(false);
        if service.is_loopback() {
            builder = builder.no_proxy();
        }
        builder
            .build()
            .map(|http| Self { http, measures })
            .map_err(ClientError)
    }

    /// The body of a successful answer.
    pub(crate) async fn get(&self, url: Url, limit: usize) -> Result<Vec<u8>, CallError> {
        let request = self.http.get(url).header("accept", "application/json");
        let answer = self.call(request.build(), limit).await?;
        match answer.status {
            status if status.is_success() => Ok(answer.body),
            status => Err(CallError::Status(status.as_u16())),
        }
    }

    /// Asks about a token, in the header and in the body.
    pub(crate) async fn post_token(
        &self,
        url: Url,
        token: &str,
        limit: usize,
    ) -> Result<Answer, CallError> {
        let request = self
            .http
            .post(url)
            .header("accept", "application/json")
            .bearer_auth(token)
            .json(&json!({"token": token}));
        self.call(request.build(), limit).await
    }

    /// A request to be filled in, and sent with [`Self::send`].
    pub(crate) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// The answer of any status but those of a redirection.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        limit: usize,
    ) -> Result<Answer, CallError> {
        self.call(request.build(), limit).await
    }

    /// Whether anything at all answers.
    pub(crate) async fn knock(&self, url: Url) -> Result<(), CallError> {
        let request = self.http.get(url).build();
        self.measured(request, async |answer| Ok((answer.status(), ())))
            .await
    }

    async fn call(
        &self,
        request: reqwest::Result<Request>,
        limit: usize,
    ) -> Result<Answer, CallError> {
        let answered = async |answer: Response| {
            let status = answer.status();
            if status.is_redirection() {
                return Err(CallError::Redirected);
            }
            let headers = answer.headers().clone();
            let body = read(answer, limit).await?;
            let answer = Answer {
                status,
                headers,
                body,
            };
            Ok((status, answer))
        };
        self.measured(request, answered).await
    }

    /// Sends the request as a part of the trace that the task works for, and reads its answer.
    async fn measured<T>(
        &self,
        request: reqwest::Result<Request>,
        read: impl AsyncFnOnce(Response) -> Result<(StatusCode, T), CallError>,
    ) -> Result<T, CallError> {
        let mut request = request.map_err(|error| kind(&error))?;
        let mut call = self.measures.begin(request.method().as_str());
        for (name, value) in call.trace_headers() {
            if let Ok(value) = HeaderValue::try_from(value) {
                let name = HeaderName::from_static(name);
                request.headers_mut().insert(name, value);
            }
        }
        let asking = async {
            let answer = self.http.execute(request).await;
            read(answer.map_err(|error| kind(&error))?).await
        };
        match call.run(asking).await {
            Ok((status, read)) => {
                call.answered(status.as_u16());
                Ok(read)
            }
            Err(error) => {
                call.failed(error.word());
                Err(error)
            }
        }
    }
}

/// Reads a body, and stops where it is longer than it may be.
async fn read(mut answer: Response, limit: usize) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| kind(&error))? {
        if body.len() + chunk.len() > limit {
            return Err(CallError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What kind of error it was; its own words may hold addresses.
fn kind(error: &reqwest::Error) -> CallError {
    if error.is_timeout() {
        return CallError::TimedOut;
    }
    if !error.is_connect() {
        return CallError::Broken;
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return CallError::Unreachable(error.kind());
        }
        cause = error.source();
    }
    CallError::Unreachable(io::ErrorKind::Other)
}
