//! Makes the client of a bucket.

use std::time::Duration;

use async_trait::async_trait;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService,
};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};
use reqwest::redirect::Policy;
use url::Url;
use user_service_telemetry::HttpClientMeasures;

use crate::error::OpenError;
use crate::settings::{S3Settings, is_loopback};

/// The most time that a connection may take of all that a call may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a request is repeated that may soon succeed.
const RETRIES: usize = 2;

/// The client of the bucket; nothing was asked yet.
pub(crate) fn open(settings: &S3Settings) -> Result<AmazonS3, OpenError> {
    if settings.bucket.is_empty() {
        return Err(OpenError::Bucket);
    }
    let endpoint = settings.endpoint.as_deref().map(endpoint).transpose()?;
    let http = client(settings, endpoint.as_ref()).map_err(|_reason| OpenError::Client)?;
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_access_key_id(&settings.access_key_id)
        .with_secret_access_key(&settings.secret_access_key)
        // Every store knows the deletion of one object, not every one that of many.
        .with_disable_bulk_delete(true)
        .with_retry(retries(settings.timeout))
        .with_http_connector(Connector(Measured {
            http,
            measures: settings.measures.clone(),
        }));
    builder = match endpoint {
        Some(url) => builder
            .with_allow_http(url.scheme() == "http")
            .with_endpoint(url.as_str().trim_end_matches('/')),
        // Certificates are for one more label before the host, not for two.
        None => builder.with_virtual_hosted_style_request(!settings.bucket.contains('.')),
    };
    builder.build().map_err(|_reason| OpenError::Refused)
}

fn endpoint(text: &str) -> Result<Url, OpenError> {
    let url = Url::parse(text.trim()).map_err(|_wrong| OpenError::Endpoint)?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (plain && matches!(url.scheme(), "http" | "https"))
        .then_some(url)
        .ok_or(OpenError::Endpoint)
}

fn retries(timeout: Duration) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(50),
            max_backoff: Duration::from_millis(250),
            base: 2.0,
        },
        max_retries: RETRIES,
        retry_timeout: timeout,
    }
}

fn client(settings: &S3Settings, endpoint: Option<&Url>) -> reqwest::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("user-service/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT.min(settings.timeout))
        .timeout(settings.timeout)
        .redirect(Policy::none())
        .referer(false);
    if endpoint.is_some_and(is_loopback) {
        builder = builder.no_proxy();
    }
    builder.build()
}

/// Hands over a client that was made here: it follows no redirects and has timeouts of its own.
#[derive(Debug)]
struct Connector(Measured);

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

/// Measures each request. The store is told nothing of traces: it is not one of ours.
#[derive(Clone, Debug)]
struct Measured {
    http: reqwest::Client,
    measures: HttpClientMeasures,
}

#[async_trait]
impl HttpService for Measured {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut call = self.measures.begin(request.method().as_str());
        let result = call.run(HttpService::call(&self.http, request)).await;
        match &result {
            Ok(answer) => call.answered(answer.status().as_u16()),
            Err(_) => call.failed("broken"),
        }
        result
    }
}
